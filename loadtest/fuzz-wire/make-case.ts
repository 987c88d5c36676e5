import { Packr } from 'msgpackr';
import { type SignedParameters, type SignedValue, signedHeaders } from '../client/signing.ts';
import type { Random } from '../random.ts';
import { makeRaw, strangersFrames } from './make-raw.ts';
import { mutateBytes, mutateText, mutateValue, pick } from './mutate.ts';
import { type KnownThings, type ValidRest, validFrame, validRest } from './valid-requests.ts';
import type { FrameCase, RestCase, WireCase } from './wire-case.ts';

const packr = new Packr({ useRecords: false, moreTypes: true });

const RAW_SHARE = 0.1;

/** The next request of a run: a valid one, and most often something wrong with it. */
export function makeCase(random: Random, known: KnownThings): WireCase {
  if (random.chance(RAW_SHARE)) {
    return makeRaw(random, makeRest(random, known), strangersFrames(random));
  }
  const channel = pick(random, ['json', 'msgpack', 'rest'] as const);
  return channel === 'rest' ? makeRest(random, known) : makeFrame(channel, random, known);
}

/** The bytes of a value as a frame. */
export function encodeFrame(channel: FrameCase['channel'], value: unknown): Buffer {
  // The packer gives the same memory again: what it says is copied.
  return channel === 'json'
    ? Buffer.from(JSON.stringify(value) ?? 'null')
    : Buffer.from(packr.pack(value));
}

function makeFrame(channel: FrameCase['channel'], random: Random, known: KnownThings): FrameCase {
  const isRich = channel === 'msgpack';
  let value: unknown = validFrame(random, known);
  const mutations = pick(random, [0, 1, 1, 1, 2, 3]);
  for (let count = 0; count < mutations; count++) value = mutateValue(value, random, isRich);
  let bytes = encodeFrame(channel, value);
  if (channel === 'json' && random.chance(0.15)) {
    bytes = Buffer.from(mutateText(bytes.toString('utf8'), random));
  }
  if (random.chance(0.2)) bytes = mutateBytes(bytes, random);
  return { channel, bytes };
}

function makeRest(random: Random, known: KnownThings): RestCase {
  const valid = validRest(random, known);
  let { parameters } = valid;
  const mutations = pick(random, [0, 1, 1, 1, 2]);
  for (let count = 0; count < mutations; count++) {
    const mutated = mutateValue(parameters, random, false);
    if (typeof mutated === 'object' && mutated !== null) parameters = mutated as typeof parameters;
  }
  const headers = mutatedHeaders(headersOf(valid, parameters, known), random);
  const method = random.chance(0.03) ? pick(random, ['PUT', 'HEAD', 'OPTIONS']) : valid.method;
  if (valid.method === 'GET') {
    let query = queryOf(parameters);
    if (random.chance(0.1)) query = mutateBytes(Buffer.from(query), random).toString('latin1');
    const path = `${valid.path}?${query}`.replace(/[^\x21-\x7e]/g, '%');
    return { channel: 'rest', method, path, headers, body: Buffer.alloc(0) };
  }
  let body: Buffer = Buffer.from(JSON.stringify(parameters));
  if (random.chance(0.15)) body = Buffer.from(mutateText(body.toString('utf8'), random));
  if (random.chance(0.1)) body = mutateBytes(body, random);
  return { channel: 'rest', method, path: valid.path, headers, body };
}

/** Signs what is sent, as far as it can be signed: so that the mutation, not the signature, is refused. */
function headersOf(
  { instruction, method }: ValidRest,
  parameters: ValidRest['parameters'],
  { keyPair }: KnownThings,
): Record<string, string> {
  const type: Record<string, string> =
    method === 'GET' ? {} : { 'Content-Type': 'application/json' };
  if (instruction === null) return type;
  const elements = (Array.isArray(parameters) ? parameters : [parameters]).map(signable);
  return { ...type, ...signedHeaders(keyPair, instruction, elements) };
}

/** The members of whatever there is as they are signed: what is nested by its path. */
function signable(element: unknown): SignedParameters {
  const flat: Record<string, SignedValue> = Object.create(null);
  const add = (name: string, value: unknown): void => {
    if (typeof value !== 'object' || value === null) {
      flat[name] = typeof value === 'string' ? value.toWellFormed() : (value as SignedValue);
      return;
    }
    for (const [key, member] of Object.entries(value)) add(`${name}[${key}]`, member);
  };
  if (typeof element !== 'object' || element === null) return flat;
  for (const [key, value] of Object.entries(element)) add(key, value);
  return flat;
}

function mutatedHeaders(headers: Record<string, string>, random: Random): Record<string, string> {
  const names = Object.keys(headers);
  if (names.length === 0 || !random.chance(0.1)) return headers;
  const name = pick(random, names);
  const copy = { ...headers };
  if (random.chance(0.3)) delete copy[name];
  else copy[name] = pick(random, ['', '0', '-1', '1e9', 'A'.repeat(88), `${copy[name]}=`, 'null']);
  return copy;
}

function queryOf(parameters: ValidRest['parameters']): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(textOf(value))}`)
    .join('&');
}

/** `encodeURIComponent` for texts that are no Unicode, too. */
function percentEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
