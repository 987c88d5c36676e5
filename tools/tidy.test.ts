import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = findRoot(dirname(fileURLToPath(import.meta.url)));
const FOLDERS = ['engine', 'server', 'persistence', 'loadtest', 'bench', 'tools'] as const;
const FILE_LINES_MAX = 500;

/** Code is held to 100 by the formatter, which does not break prose: this is for comments. */
const LINE_COLUMNS_MAX = 120;

interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const sources = FOLDERS.flatMap((folder) => sourceFiles(join(root, folder)));

/** The folder of `package.json`: this file also runs compiled, one folder deeper. */
function findRoot(from: string): string {
  return readdirSync(from).includes('package.json') ? from : findRoot(dirname(from));
}

function sourceFiles(folder: string): SourceFile[] {
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const path = join(folder, name);
      return { path: relative(root, path), text: readFileSync(path, 'utf8') };
    });
}

/** The source without comments and the inside of strings: a rule is about code, not about prose. */
function codeOf(text: string): string {
  return text.replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g,
    (match) => (match.startsWith('/') ? '' : "''"),
  );
}

function importsOf(text: string): string[] {
  const found = text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g);
  return [...found].map((match) => match[1]!);
}

/** Clock, timer and randomness as they are called; what an import must bring is in the next rule. */
const IMPURE_CALLS = new RegExp(
  [
    String.raw`\bDate\b`,
    String.raw`\bperformance\b`,
    String.raw`\bprocess\b`,
    String.raw`\bconsole\b`,
    String.raw`\bfetch\b`,
    String.raw`\bset(?:Timeout|Interval|Immediate)\b`,
    String.raw`\bqueueMicrotask\b`,
    String.raw`\bMath\.random\b`,
    String.raw`\bcrypto\b`,
  ].join('|'),
);

/** Thread entries and the pool that hosts them, the journal and tests may do what the engine proper must not. */
function isPureEngine(path: string): boolean {
  return (
    path.startsWith('engine/') &&
    !path.startsWith('engine/journal/') &&
    !/-(?:thread|pool)\.ts$/.test(path) &&
    !/\.(?:test|fixture)\.ts$/.test(path)
  );
}

/** Which folders a folder may import from besides itself; null allows everything. */
const ARROWS: Readonly<Record<string, readonly string[] | null>> = {
  engine: [],
  server: ['engine/', 'persistence/'],
  persistence: ['engine/protocol/', 'engine/ring/', 'engine/assert.ts'],
  loadtest: ['engine/protocol/'],
  bench: ['engine/', 'persistence/'],
  // Its tests carry specimens of forbidden imports.
  tools: null,
};

function forbiddenImports(file: SourceFile): string[] {
  const folder = file.path.slice(0, file.path.indexOf('/'));
  const allowed = ARROWS[folder];
  assert.ok(allowed !== undefined, `no rule for the folder of ${file.path}`);
  return importsOf(file.text)
    .filter((name) => name.startsWith('.'))
    .map((name) => relative(root, resolve(root, dirname(file.path), name)))
    .filter((target) => !target.startsWith(`${folder}/`))
    .filter((target) => allowed !== null && !allowed.some((prefix) => target.startsWith(prefix)));
}

test('the source is found', () => {
  assert.ok(sources.length > 30, `only ${sources.length} files under ${root}`);
});

test('the engine calls no clock, timer, randomness or I/O outside thread entries and journal', () => {
  const impure: string[] = [];
  for (const { path, text } of sources) {
    if (!isPureEngine(path)) continue;
    codeOf(text)
      .split('\n')
      .forEach((line, index) => {
        if (IMPURE_CALLS.test(line)) impure.push(`${path}:${index + 1}: ${line.trim()}`);
      });
    for (const name of importsOf(text)) {
      // Everything of Node is I/O, clock or randomness; packages beside it bring their own.
      if (!name.startsWith('.')) impure.push(`${path} imports ${name}`);
    }
  }
  assert.deepEqual(impure, []);
});

test('the rule of the pure engine finds what it looks for', () => {
  const impure = ['Date.now()', 'performance.now()', 'setTimeout(f)', 'Math.random()', 'fetch(u)'];
  for (const call of impure) assert.match(codeOf(`const x = ${call};`), IMPURE_CALLS);
  assert.doesNotMatch(codeOf("// Date.now()\nconst text = 'setTimeout';"), IMPURE_CALLS);
  assert.deepEqual(importsOf("import { a } from 'node:fs';\nawait import('./b.ts');"), [
    'node:fs',
    './b.ts',
  ]);
});

test('imports between the folders follow the arrows', () => {
  const wrong = sources.flatMap((file) =>
    forbiddenImports(file).map((target) => `${file.path} imports ${target}`),
  );
  assert.deepEqual(wrong, []);
  const path = 'engine/book/x.ts';
  const text = "import { y } from '../../server/y.ts';";
  assert.deepEqual(forbiddenImports({ path, text }), ['server/y.ts']);
});

test('nothing that ships imports the simulation, or what only tests use', () => {
  const isShipped = (path: string) =>
    !/^(?:engine\/simulation|tools|persistence\/testing)\//.test(path) &&
    !/\.(?:test|fixture)\.ts$/.test(path);
  const wrong = sources.flatMap(({ path, text }) =>
    importsOf(text)
      .filter((name) => /\.(?:test|fixture)\.ts$|\/simulation\//.test(name))
      .filter(() => isShipped(path))
      .map((name) => `${path} imports ${name}`),
  );
  assert.deepEqual(wrong, []);
  assert.ok(isShipped('engine/shard/shard.ts') && !isShipped('tools/fuzz.ts'));
});

test('files and lines stay short', () => {
  const long: string[] = [];
  for (const { path, text } of sources) {
    const lines = text.split('\n');
    if (lines.length - 1 > FILE_LINES_MAX) long.push(`${path}: ${lines.length - 1} lines`);
    lines.forEach((line, index) => {
      // A string is not broken for its length's sake; the formatter holds the rest.
      const columns = line.replace(/'[^']*'|`[^`]*`/g, '').length;
      if (columns > LINE_COLUMNS_MAX) long.push(`${path}:${index + 1}: ${line.length} columns`);
    });
  }
  assert.deepEqual(long, []);
});

test('no notes to self and no escapes from the checkers', () => {
  const words = [
    'TO' + 'DO',
    'FIX' + 'ME',
    'ts-ig' + 'nore',
    'ts-noch' + 'eck',
    'biome-ig' + 'nore',
  ];
  const pattern = new RegExp(`\\b(?:${words.join('|')})\\b|\\bas an${'y'}\\b|:\\s*an${'y'}\\b`);
  const found: string[] = [];
  for (const { path, text } of sources) {
    text.split('\n').forEach((line, index) => {
      const code = /^\s*(?:\*|\/\*|\/\/)/.test(line) ? line.replace(/:\s*any\b/g, '') : line;
      if (pattern.test(code)) found.push(`${path}:${index + 1}: ${line.trim()}`);
    });
  }
  assert.deepEqual(found, []);
});
