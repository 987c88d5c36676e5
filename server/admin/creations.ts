import { ApiError } from '../api-error.ts';

interface Creation<Result> {
  readonly content: string;
  readonly result: Promise<Result>;
}

/**
 * Things that are made once per natural key. The same request again, at the same time or later, gets
 * the first answer; the same key with other content is refused. One thing is made at a time, so that
 * the next dense id is known to whoever makes it. What could not be made may be tried again.
 */
export class Creations<Result> {
  readonly #kind: string;
  readonly #byKey = new Map<string, Creation<Result>>();
  #last: Promise<unknown> = Promise.resolve();

  /** @param kind names the thing in the refusal */
  constructor(kind: string) {
    this.#kind = kind;
  }

  /** @throws ApiError 409 when the key was used with other content. */
  once(key: string, content: string, create: () => Promise<Result>): Promise<Result> {
    const existing = this.#byKey.get(key);
    if (existing !== undefined) {
      if (existing.content === content) return existing.result;
      const message = `${this.#kind} ${key} exists with other content`;
      return Promise.reject(new ApiError(409, 'ALREADY_EXISTS', message));
    }
    const result = this.#last.then(create);
    this.#byKey.set(key, { content, result });
    this.#last = result.catch(() => this.#byKey.delete(key));
    return result;
  }
}
