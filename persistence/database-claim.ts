import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { connectionConfig } from './database.ts';

/** Key of the advisory lock that the venue of a database holds: 'venu' in hex digits. */
const VENUE_LOCK = 0x76656e75;

/** A venue that was killed a moment ago may still have its session: the server has yet to notice. */
const TAKE_ATTEMPTS = 6;
const TAKE_PAUSE_MS = 200;
/** Between attempts to take the lock again after its connection was lost. */
const RETAKE_PAUSE_MS = 1000;

/** Another live venue has its tables in this database. */
export class DatabaseInUse extends Error {
  override name = 'DatabaseInUse';
  readonly code = 'DATABASE_IN_USE';
}

/** A venue's sole use of a database. */
interface DatabaseClaim {
  /** Gives the database free for another venue. Never rejects. */
  release(): Promise<void>;
}

/**
 * Takes the database for one venue, by an advisory lock on a connection of its own: it ends with the
 * process, however that ends. When the connection is lost (a server that restarts), the lock is taken
 * again as soon as the server is back; nobody is told, since a projection whose tables another venue
 * has dropped meanwhile finds that out by its positions.
 *
 * @throws DatabaseInUse when another venue has it; the driver's error when it cannot be reached.
 */
export async function claimDatabase(databaseUrl: string): Promise<DatabaseClaim> {
  const claim = new VenueLock(databaseUrl);
  for (let attempt = 1; !(await claim.take()); attempt++) {
    if (attempt === TAKE_ATTEMPTS) {
      throw new DatabaseInUse('another running venue uses this database');
    }
    await delay(TAKE_PAUSE_MS);
  }
  return claim;
}

class VenueLock implements DatabaseClaim {
  readonly #databaseUrl: string;
  #client: pg.Client | null = null;
  #isReleased = false;

  constructor(databaseUrl: string) {
    this.#databaseUrl = databaseUrl;
  }

  /** False when another session has the lock. Rejects when the server cannot be asked. */
  async take(): Promise<boolean> {
    const client = new pg.Client(connectionConfig(this.#databaseUrl, 'ringside claim'));
    const lose = (): void => {
      if (this.#client !== client) return;
      this.#client = null;
      void this.#retake();
    };
    client.on('error', lose);
    client.on('end', lose);
    let isTaken = false;
    try {
      await client.connect();
      const { rows } = await client.query('select pg_try_advisory_lock($1) as taken', [VENUE_LOCK]);
      isTaken = rows[0].taken === true && !this.#isReleased;
    } finally {
      if (!isTaken) await client.end().catch(() => {});
    }
    if (isTaken) this.#client = client;
    return isTaken;
  }

  async release(): Promise<void> {
    this.#isReleased = true;
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => {});
  }

  async #retake(): Promise<void> {
    // At once: in the meantime another venue could take it and drop the tables.
    while (!this.#isReleased && !(await this.take().catch(() => false))) {
      await delay(RETAKE_PAUSE_MS, undefined, { ref: false });
    }
  }
}
