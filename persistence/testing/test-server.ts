import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import pg from 'pg';
import { connectionConfig } from '../database.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../embedded-postgres.ts';

/** A temporary data dir that the server's user can enter when the tests run as root. */
export function makeDataDir(): string {
  const dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'ringside-test-')));
  chmodSync(dataDir, 0o755);
  return dataDir;
}

/** A data dir and a real server in it, for the tests of one file. */
export class TestServer {
  readonly dataDir = makeDataDir();
  #server: EmbeddedPostgres | null = null;

  get url(): string {
    if (this.#server === null) throw new Error('the server is stopped');
    return this.#server.url;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  async start(): Promise<void> {
    this.#server = await startEmbeddedPostgres({ dataDir: this.dataDir, log: () => {} });
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
    this.#server = null;
  }

  /** Makes another database on the server, and answers its URL. */
  async createDatabase(name: string): Promise<string> {
    await this.query(`create database ${name}`);
    const url = new URL(this.url);
    url.pathname = `/${name}`;
    return url.href;
  }

  /** Runs one statement on a connection of its own, in the venue's schema. */
  async query(sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    const client = new pg.Client(connectionConfig(this.url, 'ringside test'));
    await client.connect();
    try {
      return (await client.query(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** Starts a server before the file's tests and removes it after them. */
export function useTestServer(): TestServer {
  const server = new TestServer();
  before(() => server.start());
  after(() => server.remove());
  return server;
}
