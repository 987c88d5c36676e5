import type { Reply } from '../client/ws-client.ts';

/** Refusals that do not say what became of the request: the state must tell. */
const OUTCOME_UNKNOWN = new Set(['DISCONNECTED', 'SERVER_ERROR', 'TIMEOUT', 'UNKNOWN']);

export type Outcome = 'done' | 'refused' | 'unknown';

/** What a reply means for its request: `refused` is for certain, that nothing was done. */
export function outcomeOf({ status, error }: Pick<Reply, 'status' | 'error'>): Outcome {
  if (status === 200) return 'done';
  return error === undefined ? 'unknown' : outcomeOfRefusal(error.code);
}

/** The same by the code alone, as the items of a batch have it. */
export function outcomeOfRefusal(code: string): 'refused' | 'unknown' {
  return OUTCOME_UNKNOWN.has(code) ? 'unknown' : 'refused';
}
