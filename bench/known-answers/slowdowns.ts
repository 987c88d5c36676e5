import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GateFailure } from '../compare/git.ts';

/** A part of the engine that is made slower on purpose, and the parts of the gate that must notice. */
export interface Subject {
  readonly name: string;
  readonly parts: readonly string[];
  readonly edits: readonly Edit[];
}

/** Puts a call in front of, or behind, a piece of source that occurs once. */
interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const CALL = 'workInVain();';

/** In each of the operations that a message or an entry passes through once or twice. */
export const SUBJECTS: readonly Subject[] = [
  {
    name: 'book',
    parts: ['book'],
    edits: [
      {
        file: 'engine/book/order-book.ts',
        find: '    this.stoppedAtOrderId = NONE;\n    const makers',
        replace: `    ${CALL}\n    this.stoppedAtOrderId = NONE;\n    const makers`,
      },
      {
        file: 'engine/book/order-book.ts',
        find: '    const order = this.#orderOfId.delete(orderId, doubles);\n    if (order === NONE) return 0',
        replace: `    ${CALL}\n    const order = this.#orderOfId.delete(orderId, doubles);\n    if (order === NONE) return 0`,
      },
    ],
  },
  {
    name: 'codec',
    parts: ['codec-decode', 'codec-encode'],
    edits: [
      {
        file: 'engine/protocol/message.ts',
        find: "    'putUintList',\n    `return {",
        replace: "    'putUintList',\n    'workInVain',\n    `return {",
      },
      {
        file: 'engine/protocol/message.ts',
        find: ')(refuse, putUint, putInt, putText, putUintList)',
        replace: ')(refuse, putUint, putInt, putText, putUintList, workInVain)',
      },
      {
        file: 'engine/protocol/message.ts',
        find: '    encode(writer, sequence, message) {',
        replace: `    encode(writer, sequence, message) {\n      ${CALL}`,
      },
      {
        file: 'engine/protocol/message.ts',
        find: '    decode(reader, target) {',
        replace: `    decode(reader, target) {\n      ${CALL}`,
      },
    ],
  },
  {
    name: 'journal',
    parts: ['journal-write', 'journal-read'],
    edits: [
      {
        file: 'engine/journal/journal-writer.ts',
        find: "    assert(timeUs >= this.#lastTimeUs, 'the time of entries steps back');",
        replace: `    ${CALL}\n    assert(timeUs >= this.#lastTimeUs, 'the time of entries steps back');`,
      },
      {
        file: 'engine/journal/segment-reader.ts',
        find: '      const tag = bytes[at++]!;',
        replace: `      ${CALL}\n      const tag = bytes[at++]!;`,
      },
    ],
  },
];

/**
 * Work that no compiler can leave out, spread over calls so that also a part of a nanosecond a call can be asked for:
 * every sixteenth call does sixteen times as much.
 */
function sourceOf(stepsPerSixteenCalls: number): string {
  return `
let callsInVain = 0;
let resultInVain = 1;
function workInVain(): void {
  if ((++callsInVain & 15) !== 0) return;
  let value = resultInVain;
  for (let step = 0; step < ${stepsPerSixteenCalls}; step++) {
    value = Math.imul(value ^ step, 0x9e3779b1);
    value ^= value >>> 15;
  }
  resultInVain = value;
}
if (callsInVain < 0) throw new Error(String(resultInVain));
`;
}

/**
 * Makes the subject of a checked-out tree slower.
 *
 * @throws GateFailure when the tree's source is not what the edits expect
 */
export function slowDown(root: string, subject: Subject, stepsPerSixteenCalls: number): void {
  for (const { file, find, replace } of subject.edits) {
    const path = join(root, file);
    const source = readFileSync(path, 'utf8');
    if (source.split(find).length !== 2) {
      throw new GateFailure(`${file} does not have once: ${find.trim()}`);
    }
    writeFileSync(
      path,
      source.replace(find, () => replace),
    );
  }
  for (const file of new Set(subject.edits.map((edit) => edit.file))) {
    const path = join(root, file);
    writeFileSync(path, readFileSync(path, 'utf8') + sourceOf(stepsPerSixteenCalls));
  }
}
