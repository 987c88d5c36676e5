import { execFileSync, spawnSync } from 'node:child_process';

/** Ids that a child process takes on; without ids it runs as the venue itself. */
export interface OperatingUser {
  readonly uid?: number;
  readonly gid?: number;
}

const USER = 'postgres';

/**
 * Whom the server runs as. Postgres refuses to run as root, so root lends it the system user
 * `postgres`, which is made when the machine has none. Throws when that fails.
 */
export function findOperatingUser(): OperatingUser {
  if (process.getuid?.() !== 0) return {};
  const existing = lookUp();
  if (existing !== null) return existing;
  execFileSync('groupadd', ['--system', '--force', USER], { stdio: 'pipe' });
  const account = ['--system', '--gid', USER, '--no-create-home', '--home-dir', '/nonexistent'];
  execFileSync('useradd', [...account, '--shell', '/usr/sbin/nologin', USER], { stdio: 'pipe' });
  const created = lookUp();
  if (created === null) throw new Error(`the system user ${USER} could not be made`);
  return created;
}

function lookUp(): Required<OperatingUser> | null {
  const id = (flag: string) => spawnSync('id', [flag, USER], { encoding: 'utf8' });
  const uid = id('-u');
  const gid = id('-g');
  if (uid.status !== 0 || gid.status !== 0) return null;
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

/**
 * Whether the user may enter the directory or run the file. Asked by trying it as that user, since a
 * reading of mode bits would miss access lists and every parent on the way.
 */
export function canReach(user: OperatingUser, path: string): boolean {
  const probe = spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], { ...user, cwd: '/' });
  return probe.status === 0;
}
