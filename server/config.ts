import { resolve } from 'node:path';
import { DEFAULT_SEGMENT_BYTES } from '../engine/journal/journal-writer.ts';
import { MAX_SHARDS } from '../engine/protocol/sharding.ts';
import { type LimitSettings, readLimitSettings } from './limits/limit-settings.ts';
import { type Environment, readInteger, readText, readValue, refuse } from './read-setting.ts';
import { StartError } from './start-error.ts';

type Durability = 'fsync' | 'os' | 'none';

/** The venue's settings, checked. Optional ones are null when unset; an empty variable is unset. */
export interface Config {
  /** Address or name the public server listens on. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The admin server listens on loopback only. 0 takes any free port. */
  readonly adminPort: number;
  /** Null: the venue makes one and writes it into the data dir. */
  readonly adminToken: string | null;
  /** Absolute path. */
  readonly dataDir: string;
  readonly shardCount: number;
  /** What was asked for. */
  readonly durability: Durability;
  /** A segment of a journal grows no further than this. */
  readonly segmentBytes: number;
  /** A shard's next snapshot is due when its journal has grown by so many inputs; 0 = none are made. */
  readonly snapshotInputs: number;
  /** Segments stay when snapshots have replaced them, so that the tables can always be made anew. */
  readonly keepJournal: boolean;
  /**
   * Trades, fills, ended orders, prevented matches and candles of a second that are older are dropped from the tables,
   * by whole months (UTC), so that up to 31 days more are there. Null: nothing is dropped.
   */
  readonly retentionDays: number | null;
  /** Null: an embedded server in the data dir. */
  readonly databaseUrl: string | null;
  /** Null: nothing is published outside the process. */
  readonly redisUrl: string | null;
  readonly demo: boolean;
  /** How the venue defends itself against its clients. */
  readonly limits: LimitSettings;
}

const HOST = /^[A-Za-z0-9.:_-]{1,253}$/;
const TOKEN = /^[\x21-\x7e]{1,256}$/;
/** A segment is read whole into memory. */
const SEGMENT_BYTES_LEAST = 4096;
const SEGMENT_BYTES_MOST = 512 * 2 ** 20;
/** A few seconds of replay; the inputs of 10 s at 200,000 orders/s. */
const DEFAULT_SNAPSHOT_INPUTS = 2_000_000;
const SNAPSHOT_INPUTS_MOST = 999_999_999;
const RETENTION_DAYS_MOST = 36_500;
const DURABILITIES: readonly Durability[] = ['fsync', 'os', 'none'];

/** @throws StartError naming the variable, its value and what is allowed. */
export function readConfig(environment: Environment): Config {
  const port = readInteger(environment, 'RINGSIDE_PORT', 8080, 0, 65535);
  const adminPort = readInteger(environment, 'RINGSIDE_ADMIN_PORT', 8081, 0, 65535);
  if (port === adminPort && port !== 0) {
    refuse('RINGSIDE_ADMIN_PORT', String(adminPort), 'a port other than RINGSIDE_PORT');
  }
  return {
    host: readText(environment, 'RINGSIDE_HOST', HOST, 'a host name or IP address') ?? '127.0.0.1',
    port,
    adminPort,
    adminToken: readToken(environment),
    dataDir: resolve(readValue(environment, 'RINGSIDE_DATA_DIR') ?? './data'),
    shardCount: readInteger(environment, 'RINGSIDE_SHARDS', 1, 1, MAX_SHARDS),
    durability: readDurability(environment),
    segmentBytes: readInteger(
      environment,
      'RINGSIDE_SEGMENT_BYTES',
      DEFAULT_SEGMENT_BYTES,
      SEGMENT_BYTES_LEAST,
      SEGMENT_BYTES_MOST,
    ),
    snapshotInputs: readInteger(
      environment,
      'RINGSIDE_SNAPSHOT_INPUTS',
      DEFAULT_SNAPSHOT_INPUTS,
      0,
      SNAPSHOT_INPUTS_MOST,
    ),
    keepJournal: readInteger(environment, 'RINGSIDE_KEEP_JOURNAL', 0, 0, 1) === 1,
    retentionDays:
      readInteger(environment, 'RINGSIDE_RETENTION_DAYS', 0, 0, RETENTION_DAYS_MOST) || null,
    databaseUrl: readUrl(environment, 'DATABASE_URL', ['postgres:', 'postgresql:']),
    redisUrl: readUrl(environment, 'REDIS_URL', ['redis:', 'rediss:']),
    demo: readInteger(environment, 'RINGSIDE_DEMO', 0, 0, 1) === 1,
    limits: readLimitSettings(environment),
  };
}

/** The token is a secret: a bad one is named, not shown. */
function readToken(environment: Environment): string | null {
  const value = readValue(environment, 'RINGSIDE_ADMIN_TOKEN');
  if (value === null || TOKEN.test(value)) return value;
  throw new StartError(
    'RINGSIDE_ADMIN_TOKEN (not shown) must be 1 to 256 printable ASCII characters without spaces',
  );
}

function readDurability(environment: Environment): Durability {
  const value = readValue(environment, 'RINGSIDE_DURABILITY') ?? 'fsync';
  const known = DURABILITIES.find((name) => name === value);
  return (
    known ??
    refuse('RINGSIDE_DURABILITY', value, DURABILITIES.join(', ').replace(/, (?=\w+$)/, ' or '))
  );
}

function readUrl(
  environment: Environment,
  name: string,
  protocols: readonly string[],
): string | null {
  const value = readValue(environment, name);
  if (value === null) return null;
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || !protocols.includes(url.protocol) || !value.startsWith(`${url.protocol}//`)) {
    const forms = protocols.map((protocol) => `${protocol}//…`).join(' or ');
    refuse(name, withoutPassword(value), `a URL ${forms}`);
  }
  return value;
}

/** A URL fit for a log line: its password is gone, also from text that only resembles a URL. */
export function withoutPassword(url: string): string {
  return url.replace(/^((?:\w+:\/\/)?[^:@/]*):.*@/, '$1:***@');
}
