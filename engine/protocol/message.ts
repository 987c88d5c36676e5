import { assert } from '../assert.ts';
import type { FrameReader } from './frame-reader.ts';
import type { FrameWriter } from './frame-writer.ts';
import { putInt, putText, putUint, putUintList } from './msgpack.ts';

/** How a field travels, and by that its TypeScript type. */
interface FieldTypes {
  /** In the shortest form: for what is mostly small. */
  uint: number;
  /** Always nine bytes: for what is mostly large or varies, so that no branch has to guess its size. */
  wideUint: number;
  int: number;
  nullableWideUint: number | null;
  bool: boolean;
  text: string;
  uintList: number[];
}
/** The fields of a message by name, in wire order. */
export type Fields = Record<string, keyof FieldTypes>;

/** The object that carries a message's fields. */
export type FieldsOf<F extends Fields> = { -readonly [Name in keyof F]: FieldTypes[F[Name]] };

/** One entry of the registry: a type number, a name, and a codec for both directions. */
export interface Message<F extends Fields = Fields> {
  readonly type: number;
  readonly name: string;
  /** A zeroed object of the message's one hidden class, to be filled and reused. */
  create(): FieldsOf<F>;
  /** Appends one frame. `sequence` is the message's number in its stream, 0 for none. */
  encode(writer: FrameWriter, sequence: number, message: Readonly<FieldsOf<F>>): void;
  /** Reads the current frame of `reader` into `target`. */
  decode(reader: FrameReader, target: FieldsOf<F>): FieldsOf<F>;
}

/** The fields of a message, as a type: `Body<typeof PlaceOrder>`. */
export type Body<M> = M extends Message<infer F> ? FieldsOf<F> : never;

/** The longest scalar is a double behind its marker; a text or list of n takes at most n times as much. */
const SCALAR_BYTES_MAX = 9;
/** The frame's length, and the markers of the array and of one text or list. */
const HEADER_BYTES = 4 + 3 + 3;

const INITIAL_VALUES: Record<keyof FieldTypes, string> = {
  uint: '0',
  wideUint: '0',
  int: '0',
  nullableWideUint: 'null',
  bool: 'false',
  text: "''",
  uintList: '[]',
};

/**
 * Defines a message. The codec is generated once, as straight-line code over the named fields: a loop
 * over field descriptors reads properties by a varying key and costs several times as much per field.
 * The generated text holds nothing but names and types written in this folder.
 *
 * @param addedFields the last fields that were added when journals had the message already: one without some of them
 *   is read as if they were zero
 */
export function defineMessage<const F extends Fields>(
  type: number,
  name: string,
  fields: F,
  addedFields = 0,
): Message<F> {
  const names = Object.keys(fields);
  const always = names.length - addedFields;
  const hasVariable = names.some((field) => isVariable(fields[field]!));
  const roomBytes = [
    `${HEADER_BYTES + (names.length + 2) * SCALAR_BYTES_MAX}`,
    ...names.filter((field) => isVariable(fields[field]!)).map(variableBytes),
  ].join(' + ');
  const create = names.map((field) => `${field}: ${INITIAL_VALUES[fields[field]!]}`).join(', ');
  const encode = names.map((field) => encodeField(field, fields[field]!)).join('\n');
  const decode = names.map((field, index) => {
    const kind = fields[field]!;
    if (index < always) return decodeField(field, kind);
    const absent = `target.${field} = ${INITIAL_VALUES[kind]};`;
    return `if (reader.fieldCount <= ${index}) { ${absent} } else { ${decodeField(field, kind)} }`;
  });
  const isWhole =
    addedFields === 0
      ? `reader.fieldCount === ${always}`
      : `reader.fieldCount >= ${always} && reader.fieldCount <= ${names.length}`;
  const generated = new Function(
    'refuse',
    'putUint',
    'putInt',
    'putText',
    'putUintList',
    `return {
    create() { return { ${create} }; },
    encode(writer, sequence, message) {
      ${hasVariable ? `writer.ensure(${roomBytes});` : `if (writer.end + ${roomBytes} > writer.bytes.length) writer.ensure(${roomBytes});`}
      const bytes = writer.bytes, view = writer.view, start = writer.end;
      let at = start + 4, value = 0;
      ${headerBytes(names.length + 2, type)}
      ${encodeUint('sequence')}
      ${encode}
      const length = at - start - 4;
      bytes[start] = length;
      bytes[start + 1] = length >>> 8;
      bytes[start + 2] = length >>> 16;
      bytes[start + 3] = length >>> 24;
      writer.end = at;
    },
    decode(reader, target) {
      if (reader.type !== ${type} || !(${isWhole})) {
        throw new Error('not a whole ${name}: type ' + reader.type + ', ' + reader.fieldCount + ' fields');
      }
      const bytes = reader.bytes, view = reader.view;
      let at = reader.at, byte = 0;
      ${decode.join('\n')}
      reader.at = at;
      reader.finish();
      return target;
    },
  };`,
  )(refuse, putUint, putInt, putText, putUintList) as Pick<
    Message<F>,
    'create' | 'encode' | 'decode'
  >;
  return { type, name, ...generated };
}

function isVariable(kind: keyof FieldTypes): boolean {
  return kind === 'text' || kind === 'uintList';
}

/** An upper bound; a UTF-16 unit takes at most three bytes of UTF-8. */
function variableBytes(field: string): string {
  return `message.${field}.length * ${SCALAR_BYTES_MAX}`;
}

function headerBytes(fieldCount: number, type: number): string {
  const short = `bytes[at++] = ${0x90 | fieldCount};`;
  const long = `bytes[at++] = 0xdc; bytes[at++] = ${fieldCount >>> 8}; bytes[at++] = ${fieldCount & 255};`;
  return `${fieldCount < 16 ? short : long} at = putUint(bytes, view, at, ${type});`;
}

/** Most integers are below 128 and most of the rest is rare: that one case is worth its own branch. */
function encodeUint(value: string): string {
  return `value = ${value};
    if (value >= 0 && value < 128) bytes[at++] = value; else at = putUint(bytes, view, at, value);`;
}

/** See putUint: a double holds every whole number up to 2^53 − 1. */
function encodeWide(value: string): string {
  return `value = ${value};
    if (!(value >= 0 && value <= ${Number.MAX_SAFE_INTEGER})) refuse(value);
    bytes[at] = 0xcb; view.setFloat64(at + 1, value); at += 9;`;
}

function refuse(value: unknown): void {
  assert(false, `${String(value)} is not in 0 … 2^53 − 1`);
}

function encodeField(field: string, kind: keyof FieldTypes): string {
  const value = `message.${field}`;
  switch (kind) {
    case 'bool':
      return `bytes[at++] = ${value} ? 0xc3 : 0xc2;`;
    case 'wideUint':
      return encodeWide(value);
    case 'nullableWideUint':
      return `if (${value} === null) bytes[at++] = 0xc0; else { ${encodeWide(value)} }`;
    case 'text':
      return `at = putText(bytes, at, ${value});`;
    case 'uintList':
      return `at = putUintList(bytes, view, at, ${value});`;
    case 'int':
      return `at = putInt(bytes, view, at, ${value});`;
    case 'uint':
      return encodeUint(value);
  }
}

/** The forms that ids, prices and times take are read in place, the rest by the reader. */
function decodeField(field: string, kind: keyof FieldTypes): string {
  const target = `target.${field}`;
  const method = kind === 'wideUint' ? 'uint' : kind;
  const argument = kind === 'uintList' ? target : '';
  const call = `reader.at = at; ${target} = reader.${method}(${argument}); at = reader.at;`;
  const wide = `byte === 0xcb) { ${target} = view.getFloat64(at + 1); at += 9; }`;
  switch (kind) {
    case 'uint':
      return `byte = bytes[at];
        if (byte < 128) { ${target} = byte; at += 1; }
        else if (byte === 0xcd) { ${target} = view.getUint16(at + 1); at += 3; }
        else if (byte === 0xce) { ${target} = view.getUint32(at + 1); at += 5; }
        else if (${wide} else { ${call} }`;
    case 'wideUint':
    case 'nullableWideUint':
      return `byte = bytes[at]; if (${wide} else { ${call} }`;
    default:
      return call;
  }
}
