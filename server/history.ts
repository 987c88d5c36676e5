import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Disk, nodeDisk, withFile, writeFully } from '../engine/journal/disk.ts';
import { firstSequenceOf } from '../engine/journal/journal-layout.ts';
import type { JournalDurability } from '../engine/journal/journal-writer.ts';
import { journalSequenceOf } from '../engine/journal/snapshot-layout.ts';
import type { JournalTask } from '../engine/shard/shard-thread.ts';
import type { Config } from './config.ts';
import { firstLine } from './log.ts';
import { StartError } from './start-error.ts';

const FORMAT_VERSION = 1;
const IDENTITY_FILE = 'history.json';

/** What a venue remembers across restarts: a journal for each shard, under one name. */
export interface History {
  /** Also stands in the database, so that a database of another history is not taken for this one's. */
  readonly historyId: string;
  readonly durability: JournalDurability;
  readonly segmentBytes: number;
  /** Of each shard's journal. */
  readonly directories: readonly string[];
  /** Nothing of it is on disk yet: see `beginHistory`. */
  readonly isNew: boolean;
}

/**
 * Finds the history in the data dir, or names a new one, and changes nothing there. Null when the venue is to remember
 * nothing.
 *
 * @throws StartError when what is there is not what the settings say: a venue never starts empty beside
 *   a history, and accounts and markets are divided among the shards they were created with
 */
export function findHistory(config: Config): History | null {
  const { dataDir, durability, segmentBytes, shardCount } = config;
  const folder = join(dataDir, 'journal');
  const known = readIdentity(folder);
  if (durability === 'none') {
    if (known === null) return null;
    throw new StartError(
      `RINGSIDE_DATA_DIR ${dataDir} holds the history of a venue, which RINGSIDE_DURABILITY=none would leave unread: ` +
        'use fsync or os, or another data dir',
    );
  }
  if (known !== null && known.shardCount !== shardCount) {
    throw new StartError(
      `RINGSIDE_SHARDS is ${shardCount}, but the history in ${dataDir} is divided among ${known.shardCount}`,
    );
  }
  const directories = Array.from({ length: shardCount }, (_, shard) =>
    join(folder, `shard-${shard}`),
  );
  const isNew = known === null;
  const missing = directories.find((directory) => !isNew && !existsSync(directory));
  if (missing !== undefined) {
    throw new StartError(
      `${missing} is missing: a venue does not start empty beside a history, and that in ${dataDir} is divided among ${shardCount}`,
    );
  }
  const historyId = known?.historyId ?? randomUUID();
  return { historyId, durability, segmentBytes, directories, isNew };
}

/** Whether there is one in the data dir. @throws StartError when what is there cannot be read */
export function hasHistory({ dataDir }: Config): boolean {
  return readIdentity(join(dataDir, 'journal')) !== null;
}

/**
 * What each shard's thread is told of its journal.
 *
 * @param positions by shard: the last event that the database holds
 * @param board of the shards' recovery
 * @param journals `JournalPositions`, how far each is committed
 */
export function journalTasks(
  { directories, durability, segmentBytes }: History,
  positions: readonly number[],
  board: SharedArrayBuffer,
  journals: SharedArrayBuffer,
): JournalTask[] {
  return directories.map((directory, shard) => ({
    ...{ directory, durability, segmentBytes, board, positions: journals },
    projectedSequence: positions[shard]!,
  }));
}

interface Identity {
  readonly historyId: string;
  readonly shardCount: number;
}

/** Null when there is no history yet. */
function readIdentity(folder: string): Identity | null {
  const path = join(folder, IDENTITY_FILE);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new StartError(`cannot read ${path}: ${firstLine(error)}`);
    }
    const shards = namesIn(folder).filter((name) => name.startsWith('shard-'));
    const isOfJournal = (name: string): boolean =>
      firstSequenceOf(name) !== null || journalSequenceOf(name) !== null;
    if (shards.some((name) => namesIn(join(folder, name)).some(isOfJournal))) {
      throw new StartError(`${path} is missing, but there are journals or snapshots beside it`);
    }
    return null;
  }
  const identity = parse(text);
  if (identity === null) throw new StartError(`${path} is damaged, or of another version`);
  return identity;
}

function parse(text: string): Identity | null {
  let value: Partial<Identity & { version: number }> | null;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const { version, historyId, shardCount } = value ?? {};
  if (version !== FORMAT_VERSION || typeof historyId !== 'string') return null;
  return typeof shardCount === 'number' ? { historyId, shardCount } : null;
}

/**
 * Makes room for a new history, durably: a folder for each journal, then the name of all, without which there is none.
 * To be called once the database is known to be of no other.
 *
 * @throws StartError when the disk refuses
 */
export function beginHistory({ historyId, directories }: History, disk: Disk = nodeDisk): void {
  const folder = dirname(directories[0]!);
  const shardCount = directories.length;
  const text = `${JSON.stringify({ version: FORMAT_VERSION, historyId, shardCount })}\n`;
  const path = join(folder, IDENTITY_FILE);
  const bytes = Buffer.from(text);
  try {
    disk.makeDirectory(folder);
    for (const directory of directories) disk.makeDirectory(directory);
    withFile(disk, `${path}.new`, 'create', (file) => {
      writeFully(disk, file, bytes, 0, bytes.length, 0);
      disk.sync(file);
    });
    disk.rename(`${path}.new`, path);
    disk.syncDirectory(folder);
  } catch (error) {
    throw new StartError(`cannot begin a journal in ${folder}: ${firstLine(error)}`);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
