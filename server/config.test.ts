import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { readConfig, withoutPassword } from './config.ts';
import { DEFAULT_LIMITS } from './limits/limit-settings.ts';

test('an empty environment gives the documented defaults', () => {
  assert.deepEqual(readConfig({}), {
    host: '127.0.0.1',
    port: 8080,
    adminPort: 8081,
    adminToken: null,
    dataDir: resolve('data'),
    shardCount: 1,
    durability: 'fsync',
    segmentBytes: 67_108_864,
    snapshotInputs: 2_000_000,
    keepJournal: false,
    retentionDays: null,
    databaseUrl: null,
    redisUrl: null,
    demo: false,
    limits: DEFAULT_LIMITS,
  });
});

test('every setting is taken from its variable, and an empty variable is unset', () => {
  const config = readConfig({
    RINGSIDE_HOST: '0.0.0.0',
    RINGSIDE_PORT: '0',
    RINGSIDE_ADMIN_PORT: '0',
    RINGSIDE_ADMIN_TOKEN: 'secret',
    RINGSIDE_DATA_DIR: '/somewhere',
    RINGSIDE_SHARDS: '64',
    RINGSIDE_DURABILITY: 'none',
    RINGSIDE_SEGMENT_BYTES: '4096',
    RINGSIDE_SNAPSHOT_INPUTS: '0',
    RINGSIDE_KEEP_JOURNAL: '1',
    RINGSIDE_RETENTION_DAYS: '400',
    DATABASE_URL: 'postgresql://user:pass@db.local:5432/ringside',
    REDIS_URL: 'redis://127.0.0.1:6379',
    RINGSIDE_DEMO: '1',
  });
  assert.deepEqual(config, {
    host: '0.0.0.0',
    port: 0,
    adminPort: 0,
    adminToken: 'secret',
    dataDir: '/somewhere',
    shardCount: 64,
    durability: 'none',
    segmentBytes: 4096,
    snapshotInputs: 0,
    keepJournal: true,
    retentionDays: 400,
    databaseUrl: 'postgresql://user:pass@db.local:5432/ringside',
    redisUrl: 'redis://127.0.0.1:6379',
    demo: true,
    limits: DEFAULT_LIMITS,
  });
  assert.equal(readConfig({ RINGSIDE_SHARDS: '', REDIS_URL: '' }).shardCount, 1);
});

const BAD: readonly [name: string, value: string, allowed: string][] = [
  ['RINGSIDE_HOST', 'not a host', 'a host name or IP address'],
  ['RINGSIDE_PORT', '-1', 'an integer 0 to 65535'],
  ['RINGSIDE_PORT', '65536', 'an integer 0 to 65535'],
  ['RINGSIDE_PORT', '80.5', 'an integer 0 to 65535'],
  ['RINGSIDE_PORT', '8081', 'a port other than RINGSIDE_PORT'],
  ['RINGSIDE_ADMIN_PORT', 'http', 'an integer 0 to 65535'],
  ['RINGSIDE_ADMIN_TOKEN', 'two words', 'printable ASCII characters without spaces'],
  ['RINGSIDE_SHARDS', '0', 'an integer 1 to 64'],
  ['RINGSIDE_SHARDS', '65', 'an integer 1 to 64'],
  ['RINGSIDE_SHARDS', '1e1', 'an integer 1 to 64'],
  ['RINGSIDE_SEGMENT_BYTES', '4095', 'an integer 4096 to 536870912'],
  ['RINGSIDE_SNAPSHOT_INPUTS', '-1', 'an integer 0 to 999999999'],
  ['RINGSIDE_KEEP_JOURNAL', 'yes', '0 or 1'],
  ['RINGSIDE_RETENTION_DAYS', '36501', 'an integer 0 to 36500'],
  ['RINGSIDE_RETENTION_DAYS', '1.5', 'an integer 0 to 36500'],
  ['RINGSIDE_DURABILITY', 'fast', 'fsync, os or none'],
  ['DATABASE_URL', 'localhost:5432', 'a URL postgres://… or postgresql://…'],
  ['DATABASE_URL', 'mysql://db/x', 'a URL postgres://… or postgresql://…'],
  ['REDIS_URL', 'http://127.0.0.1', 'a URL redis://… or rediss://…'],
  ['RINGSIDE_DEMO', 'yes', '0 or 1'],
];

for (const [name, value, allowed] of BAD) {
  test(`${name}=${value} is refused in one line that says what is allowed`, () => {
    assert.throws(
      () => readConfig({ [name]: value }),
      (error: Error) => {
        assert.equal(error.name, 'StartError');
        assert.ok(!error.message.includes('\n'));
        assert.ok(error.message.includes(allowed), error.message);
        assert.match(error.message, /^(RINGSIDE|DATABASE|REDIS)_/);
        return true;
      },
    );
  });
}

test('passwords and tokens do not reach the message', () => {
  assert.equal(withoutPassword('postgres://me:hid:d@en@db/x'), 'postgres://me:***@db/x');
  assert.equal(withoutPassword('me:hidden@db/x'), 'me:***@db/x');
  assert.equal(withoutPassword('localhost:5432'), 'localhost:5432');
  assert.throws(
    () => readConfig({ DATABASE_URL: 'mysql://me:hidden@db/x' }),
    (error: Error) => !error.message.includes('hidden'),
  );
  assert.throws(
    () => readConfig({ RINGSIDE_ADMIN_TOKEN: 'hidden secret' }),
    (error: Error) => !error.message.includes('hidden'),
  );
});
