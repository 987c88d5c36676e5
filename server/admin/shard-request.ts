import { assert } from '../../engine/assert.ts';
import type { FieldsOf, Message } from '../../engine/protocol/message.ts';
import { apiErrorOf, busyError, haltedError } from '../api-error.ts';
import { type EngineClient, RingFullError, ShardDownError } from '../engine/engine-client.ts';
import { type AnswerPart, RefusedError } from '../engine/pending-requests.ts';

/** As `shard`: the request goes to every shard. */
export const ALL_SHARDS = -1;

/** Sends a request to a shard, or to all, and says a refusal in the words of the API. */
export async function askShards<F extends { requestId: 'wideUint' }>(
  engine: EngineClient,
  message: Message<F>,
  body: FieldsOf<F>,
  shard: number,
): Promise<AnswerPart[]> {
  try {
    return await engine.request(message, body, shard);
  } catch (error) {
    if (error instanceof RingFullError) throw busyError();
    if (error instanceof ShardDownError) throw haltedError();
    if (error instanceof RefusedError) throw apiErrorOf(error.code);
    throw error;
  }
}

/** The bodies of the parts of one message type, in order of arrival. */
export function partsOf<B>(parts: readonly AnswerPart[], message: BodyOf<B>): B[] {
  return parts.filter((part) => part.type === message.type).map((part) => part.body as B);
}

/** The one part of a message type that the answer must have. */
export function partOf<B>(parts: readonly AnswerPart[], message: BodyOf<B>): B {
  const [body] = partsOf(parts, message);
  assert(body !== undefined, `an answer without ${message.name}`);
  return body;
}

interface BodyOf<B> {
  readonly type: number;
  readonly name: string;
  create(): B;
}
