import { ApiError } from '../api-error.ts';

/** A thing that was made under a natural key, and what of the request but the key made it what it is. */
export interface Made<Result> {
  readonly content: string;
  readonly result: Result;
}

/**
 * Things that are made once per natural key. The same request again, at the same time or later, also in
 * a later life of the venue, gets the first answer; the same key with other content is refused. One thing
 * is made at a time, so that the next dense id is known to whoever makes it. What could not be made may be
 * tried again.
 */
export class Creations<Result> {
  readonly #kind: string;
  readonly #find: (key: string) => Made<Result> | undefined;
  readonly #underWay = new Map<string, Made<Promise<Result>>>();
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param kind names the thing in the refusal
   * @param find what is there; a thing must be found by the time that its creation resolves
   */
  constructor(kind: string, find: (key: string) => Made<Result> | undefined) {
    this.#kind = kind;
    this.#find = find;
  }

  /** @throws ApiError 409 when the key was used with other content. */
  async once(key: string, content: string, create: () => Promise<Result>): Promise<Result> {
    const existing = this.#underWay.get(key) ?? this.#find(key);
    if (existing !== undefined) {
      if (existing.content === content) return existing.result;
      const message = `${this.#kind} ${key} exists with other content`;
      throw new ApiError(409, 'ALREADY_EXISTS', message);
    }
    const result = this.#last.then(create);
    this.#underWay.set(key, { content, result });
    const end = (): boolean => this.#underWay.delete(key);
    this.#last = result.then(end, end);
    return result;
  }
}
