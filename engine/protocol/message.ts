import type { FrameReader } from './frame-reader.ts';
import type { FrameWriter } from './frame-writer.ts';

/** How a field travels, and by that its TypeScript type. */
interface FieldTypes {
  uint: number;
  int: number;
  nullableUint: number | null;
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

/** The longest scalar is a 64-bit integer behind its marker; text and lists make their own room. */
const SCALAR_BYTES_MAX = 9;

const INITIAL_VALUES: Record<keyof FieldTypes, string> = {
  uint: '0',
  int: '0',
  nullableUint: 'null',
  bool: 'false',
  text: "''",
  uintList: '[]',
};

/**
 * Defines a message. The codec is generated once, as straight-line code over the named fields: a loop
 * over field descriptors reads properties by a varying key and costs several times as much per field.
 * The generated text holds nothing but names and types written in this folder.
 */
export function defineMessage<const F extends Fields>(
  type: number,
  name: string,
  fields: F,
): Message<F> {
  const names = Object.keys(fields);
  const maxBytes = (names.length + 2) * SCALAR_BYTES_MAX;
  const create = names.map((field) => `${field}: ${INITIAL_VALUES[fields[field]!]}`).join(', ');
  const encode = names.map((field) => encodeField(field, fields[field]!)).join('\n');
  const decode = names.map((field) => decodeField(field, fields[field]!)).join('\n');
  const generated = new Function(`return {
    create() { return { ${create} }; },
    encode(writer, sequence, message) {
      writer.beginFrame(${names.length + 2}, ${maxBytes});
      writer.uint(${type});
      writer.uint(sequence);
      let bytes = writer.bytes, at = writer.end, value = 0;
      ${encode}
      writer.end = at;
      writer.endFrame();
    },
    decode(reader, target) {
      if (reader.type !== ${type} || reader.fieldCount !== ${names.length}) {
        throw new Error('not a whole ${name}: type ' + reader.type + ', ' + reader.fieldCount + ' fields');
      }
      const bytes = reader.bytes;
      let at = reader.at;
      ${decode}
      reader.at = at;
      reader.finish();
      return target;
    },
  };`)() as Pick<Message<F>, 'create' | 'encode' | 'decode'>;
  return { type, name, ...generated };
}

/** Most integers are below 128 and most of the rest is rare: that one case is worth its own branch. */
function encodeField(field: string, kind: keyof FieldTypes): string {
  if (kind === 'bool') return `bytes[at++] = message.${field} ? 0xc3 : 0xc2;`;
  const call = `writer.end = at; writer.${kind}(message.${field}); at = writer.end;`;
  if (kind === 'text' || kind === 'uintList') {
    // Making room may have moved the buffer.
    return `${call} bytes = writer.bytes;`;
  }
  if (kind === 'nullableUint') return call;
  return `value = message.${field};
    if (value >= 0 && value < 128) bytes[at++] = value; else { ${call} }`;
}

function decodeField(field: string, kind: keyof FieldTypes): string {
  const argument = kind === 'uintList' ? `target.${field}` : '';
  const call = `reader.at = at; target.${field} = reader.${kind}(${argument}); at = reader.at;`;
  if (kind !== 'uint') return call;
  return `if (bytes[at] < 128) target.${field} = bytes[at++]; else { ${call} }`;
}
