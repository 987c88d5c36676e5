import { readFileSync } from 'node:fs';

const IMPORT = /^import\s*\{([^}]*)\}\s*from\s*'(\.[^']*)';\n?/gm;
const EXPORT = /^export (?:async function|function|const|class) (\w+)/gm;
const LEFT_OVER = /^(?:import|export)\b.*/m;

/**
 * One script of a module and what it imports, each once and after what it needs: a page that is one file cannot import.
 * Each module keeps its own names to itself; what modules export must be named differently. They import and export in
 * the plainest form, anything else throws here.
 */
export function linkModules(entry: URL): string {
  const linked = new Map<string, string>();
  link(entry, linked);
  return [...linked.values()].join('\n');
}

function link(module: URL, linked: Map<string, string>): void {
  if (linked.has(module.href)) return;
  const source = readFileSync(module, 'utf8').replace(/^\/\/# sourceMappingURL=.*$/m, '');
  // The place of a module is kept before what it imports is looked at: a ring of imports ends here.
  linked.set(module.href, '');
  for (const [, names, path] of source.matchAll(IMPORT)) {
    if (/\bas\b/.test(names!)) throw new Error(`${module.pathname} renames what it imports`);
    link(new URL(path!, module), linked);
  }
  const names = [...source.matchAll(EXPORT)].map((match) => match[1]!);
  const text = source.replace(IMPORT, '').replace(EXPORT, (all) => all.slice('export '.length));
  const leftOver = LEFT_OVER.exec(text);
  if (leftOver !== null) throw new Error(`${module.pathname} cannot be inlined: ${leftOver[0]}`);
  const exported = `{ ${names.join(', ')} }`;
  linked.delete(module.href);
  linked.set(module.href, `const ${exported} = (() => {\n${text}\nreturn ${exported};\n})();`);
}
