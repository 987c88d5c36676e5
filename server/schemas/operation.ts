import type { TObject, TSchema } from 'typebox';
import type { HttpMethod } from '../http/route.ts';

export type Tag = 'System' | 'Market data' | 'Orders' | 'Account' | 'History' | 'Transfers';

/** One request of the REST API, as its documents have it and as the venue reads and answers it. */
export interface Operation {
  readonly method: HttpMethod;
  readonly path: string;
  /** Unique among all. */
  readonly operationId: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  /** What the request is signed as; none: it is public. */
  readonly instruction?: string;
  /** Its properties are the parameters, in the order in which they are read. */
  readonly query?: TObject;
  readonly body?: TSchema;
  /** The JSON of an answer of 200, or the kind of one that is no JSON. */
  readonly answer: TSchema | 'text' | 'html' | 'nothing';
  /** Whether the answer has the headers of a page. */
  readonly isPaged?: boolean;
  /** Statuses of refusals besides those that every request of its kind may have, see `refusalStatuses`. */
  readonly refusals?: readonly number[];
}

/** Whether an answer of 200 is JSON. */
export function isJson(answer: Operation['answer']): answer is TSchema {
  return typeof answer === 'object';
}

/** The statuses at and above 400 that a request may be answered with. */
export function refusalStatuses(operation: Operation): number[] {
  const { instruction, body, query, refusals = [] } = operation;
  const statuses = new Set([429, 431, 500, ...refusals]);
  if (query !== undefined || body !== undefined || instruction !== undefined) statuses.add(400);
  if (instruction !== undefined) for (const status of [401, 403, 503]) statuses.add(status);
  if (operation.method !== 'get') statuses.add(413);
  return [...statuses].sort((a, b) => a - b);
}

/** Answers that come from a shard: it may be halted, and what it did may stay unknown. */
export const OF_A_SHARD = [503, 504] as const;
