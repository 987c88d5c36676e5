import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { SYSTEM_HOME } from './binaries.ts';
import { canReach, type OperatingUser } from './operating-user.ts';
import { identityOf } from './processes.ts';

/** Names the venue that uses the home. */
const OWNER = 'venue';
/** Names the data dir, in a home that lies outside of it. */
const ORIGIN = 'data-dir';

/** The files of one embedded server. */
export interface PostgresHome {
  readonly directory: string;
  /** PGDATA. */
  readonly cluster: string;
  readonly passwordFile: string;
  readonly logFile: string;
  readonly ownerFile: string;
}

/**
 * The server's place: `<dataDir>/postgres`, or, when the server's user cannot enter that (a data dir
 * under /root), a directory of the system's, the same one for the same data dir each time.
 */
export function prepareHome(
  dataDir: string,
  user: OperatingUser,
  log: (line: string) => void,
): PostgresHome {
  mkdirSync(dataDir, { recursive: true });
  const realDataDir = realpathSync(dataDir);
  let directory = join(realDataDir, 'postgres');
  if (!canReach(user, realDataDir)) {
    const name = createHash('sha256').update(realDataDir).digest('hex').slice(0, 16);
    directory = join(SYSTEM_HOME, name);
    log(
      `embedded Postgres: its user cannot reach ${realDataDir}, so it keeps its data in ${directory}`,
    );
    removeOrphans();
  }
  makePrivate(directory, user);
  if (dirname(directory) === SYSTEM_HOME) writeFileSync(join(directory, ORIGIN), realDataDir);
  return {
    directory,
    cluster: join(directory, 'cluster'),
    passwordFile: join(directory, 'password'),
    logFile: join(directory, 'server.log'),
    ownerFile: join(directory, OWNER),
  };
}

/**
 * Removes the servers of data dirs that were deleted: they lie elsewhere, so they did not go along. A
 * projection without its venue is of no use to anybody.
 */
function removeOrphans(): void {
  if (!existsSync(SYSTEM_HOME)) return;
  for (const name of readdirSync(SYSTEM_HOME)) {
    const directory = join(SYSTEM_HOME, name);
    try {
      const isOrphan = !existsSync(readFileSync(join(directory, ORIGIN), 'utf8'));
      if (isOrphan && findOwner(join(directory, OWNER)) === null) {
        rmSync(directory, { recursive: true });
      }
    } catch {
      // Not a home, or another venue is removing it at this moment.
    }
  }
}

function makePrivate(directory: string, user: OperatingUser): void {
  if (existsSync(directory)) {
    const owner = statSync(directory).uid;
    if (process.getuid !== undefined && owner !== (user.uid ?? process.getuid())) {
      throw new Error(`${directory} belongs to another user (uid ${owner}): use another data dir`);
    }
    return;
  }
  mkdirSync(directory, { recursive: true });
  if (user.uid !== undefined) chownSync(directory, user.uid, user.gid!);
  chmodSync(directory, 0o700);
}

/** The server's password, made at first use and readable by its user alone. */
export function readOrMakePassword(home: PostgresHome, user: OperatingUser): string {
  if (!existsSync(home.passwordFile)) {
    writeFileSync(home.passwordFile, randomBytes(24).toString('hex'), { mode: 0o600 });
    if (user.uid !== undefined) chownSync(home.passwordFile, user.uid, user.gid!);
  }
  return readFileSync(home.passwordFile, 'utf8');
}

/**
 * Marks the home as used by this process. Throws when another live venue has it: stopping that one's
 * server as a left-over would take its database away.
 */
export function claimHome(home: PostgresHome): void {
  const owner = findOwner(home.ownerFile);
  if (owner !== null) {
    throw new Error(`the data dir of ${home.directory} is in use by the running venue ${owner}`);
  }
  writeFileSync(home.ownerFile, identityOf(process.pid) ?? String(process.pid));
}

/** The pid of the live venue that the owner file names, null when there is none. */
function findOwner(ownerFile: string): number | null {
  if (!existsSync(ownerFile)) return null;
  const owner = readFileSync(ownerFile, 'utf8');
  const pid = Number(owner.split(' ', 1)[0]);
  return Number.isInteger(pid) && identityOf(pid) === owner ? pid : null;
}

export function releaseHome(home: PostgresHome): void {
  rmSync(home.ownerFile, { force: true });
}
