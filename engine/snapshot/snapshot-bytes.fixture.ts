import type { Saved } from './saved.ts';
import { SnapshotReader, TableReader } from './snapshot-reader.ts';
import { SnapshotWriter } from './snapshot-writer.ts';

/** A payload in memory. */
export function savedBytes(saved: Pick<Saved, 'save'>): Uint8Array {
  const chunks: Uint8Array[] = [];
  const writer = new SnapshotWriter((chunk) => chunks.push(chunk.slice()));
  saved.save(writer);
  writer.finish();
  return Buffer.concat(chunks);
}

/** Gives out a payload in memory, at most `most` bytes at a time. */
export function sourceOf(
  bytes: Uint8Array,
  most = Number.POSITIVE_INFINITY,
): (target: Uint8Array) => number {
  let at = 0;
  return (target) => {
    const part = bytes.subarray(at, at + Math.min(most, target.length));
    target.set(part);
    at += part.length;
    return part.length;
  };
}

/** Every table of a payload by its name: its rows, with the lengths of texts in their places. */
export function tablesOf(bytes: Uint8Array): Map<string, number[][]> {
  const tables = new Map<string, number[][]>();
  const reader = new SnapshotReader(sourceOf(bytes));
  while (!reader.isAtEnd) {
    const name = new Uint8Array(reader.takeWord(1));
    reader.take(name, 0, name.length);
    const columns = reader.takeWord(2);
    const table = new TableReader(reader, columns);
    const rows: number[][] = [];
    while (table.next()) rows.push(Array.from({ length: columns }, () => table.take()));
    tables.set(Buffer.from(name).toString(), rows);
  }
  return tables;
}
