import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Of the repository that the tests are compiled from, two folders above this file's. */
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const CONFIG = {
  compilerOptions: {
    ...{ target: 'es2023', lib: ['es2023'], module: 'nodenext', moduleResolution: 'nodenext' },
    ...{ types: ['node'], rootDir: '.', outDir: 'dist', strict: true, skipLibCheck: true },
    ...{ rewriteRelativeImportExtensions: true },
  },
  include: ['engine', 'bench'],
};

/** An engine of one function, which adds up 1 … n as many times as `rounds` says. */
export function engineOf(rounds: number, first = 1): string {
  return `export function sum(n: number): number {
  let total = 0;
  for (let round = 0; round < ${rounds}; round++) {
    total = 0;
    for (let at = ${first}; at <= n; at++) total = (total + Math.imul(at, at)) | 0;
  }
  return total;
}
`;
}

/** From where the parts are, in a repository that is not this one. */
const ENGINE = '../../../engine/sum.ts';

export interface TinyPart {
  /** What the engine exports that adds up. */
  readonly name: string;
  /** In a slice, as it says. */
  readonly operations: number;
  /** Up to what number it adds up. */
  readonly work: number;
}

const PLAIN: TinyPart = { name: 'sum', operations: 400_000, work: 400_000 };

const partsOf = ({ name, operations, work }: TinyPart) => `import { ${name} } from '${ENGINE}';
import type { Part } from '../part.ts';

const OPERATIONS = ${operations};

function load() {
  let total = 0;
  return {
    operations: OPERATIONS,
    isTimed: true,
    prepare() {},
    work() {
      total = ${name}(${work});
    },
    counters: () => [{ name: 'sum', unit: 'in all', value: total }],
  };
}

export const PARTS: readonly Part[] = [
  { name: 'sum', about: 'a sum', operation: 'number', load },
];
`;

/** A repository with an engine of a line and the gate's own way to measure it. */
export class TinyRepository {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), 'ringside-tiny-')));

  constructor() {
    this.#git('init', '--quiet', '--initial-branch=main');
    this.write('.gitignore', 'node_modules\ndist\ntsconfig.gate.json\n');
    this.write('tsconfig.json', JSON.stringify(CONFIG));
    this.write('package.json', '{ "type": "module" }');
    cpSync(join(ROOT, 'package-lock.json'), join(this.path, 'package-lock.json'));
    symlinkSync(realpathSync(join(ROOT, 'node_modules')), join(this.path, 'node_modules'));
  }

  /** The parts, and what runs them. */
  addBenchmarks(part: TinyPart = PLAIN): void {
    for (const name of ['run-part.ts', 'messages.ts', 'part.ts']) {
      const file = join('bench/gate', name);
      mkdirSync(dirname(join(this.path, file)), { recursive: true });
      cpSync(join(ROOT, file), join(this.path, file));
    }
    this.write('bench/gate/parts/index.ts', partsOf(part));
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.path, file)), { recursive: true });
    writeFileSync(join(this.path, file), text);
  }

  /** Answers the commit's hash. */
  commit(subject: string): string {
    this.#git('add', '--all');
    const author = ['-c', 'user.name=Nobody', '-c', 'user.email=nobody@example.org'];
    this.#git(...author, 'commit', '--quiet', '--no-verify', '--message', subject);
    return this.#git('rev-parse', 'HEAD');
  }

  /** Of all that git knows of, this one included. */
  get worktrees(): number {
    return this.#git('worktree', 'list').split('\n').length;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  #git(...args: string[]): string {
    return execFileSync('git', ['-C', this.path, ...args], { encoding: 'utf8' }).trim();
  }
}
