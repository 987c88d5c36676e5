import { requestJson } from './http-json.ts';
import {
  canonicalParameters,
  type KeyPair,
  type SignedParameters,
  signedHeaders,
} from './signing.ts';

export interface DepthSnapshot {
  /** Ascending by price on both sides, as decimal strings. */
  readonly asks: readonly (readonly [price: string, quantity: string])[];
  readonly bids: readonly (readonly [price: string, quantity: string])[];
  readonly lastUpdateId: string;
  readonly timestamp: number;
}

/** The public REST API; requests are signed when the client was given a key. */
export class RestClient {
  readonly #baseUrl: string;
  readonly #keyPair: KeyPair | undefined;

  constructor(baseUrl: string, keyPair?: KeyPair) {
    this.#baseUrl = baseUrl;
    this.#keyPair = keyPair;
  }

  /** A public GET, such as `get('/api/v1/trades', { symbol, limit: 5 })`. */
  get<Answer>(path: string, parameters: SignedParameters = {}): Promise<Answer> {
    return requestJson('GET', this.#urlOf(path, parameters), {});
  }

  depth(symbol: string): Promise<DepthSnapshot> {
    return this.get('/api/v1/depth', { symbol });
  }

  /** A signed GET: the query is what is signed. */
  signedGet<Answer>(
    path: string,
    instruction: string,
    parameters: SignedParameters = {},
  ): Promise<Answer> {
    const headers = this.#sign(instruction, [parameters]);
    return requestJson('GET', this.#urlOf(path, parameters), headers);
  }

  /** A signed POST, DELETE or PATCH: the members of the body are what is signed. */
  signedBody<Answer>(
    method: 'POST' | 'DELETE' | 'PATCH',
    path: string,
    instruction: string,
    body: SignedParameters | readonly SignedParameters[],
  ): Promise<Answer> {
    const elements = Array.isArray(body) ? body : [body as SignedParameters];
    const headers = this.#sign(instruction, elements);
    return requestJson(method, this.#baseUrl + path, headers, body);
  }

  #sign(instruction: string, elements: readonly SignedParameters[]): Record<string, string> {
    if (this.#keyPair === undefined) throw new Error('a signed request needs a key pair');
    return signedHeaders(this.#keyPair, instruction, elements);
  }

  #urlOf(path: string, parameters: SignedParameters): string {
    const query = canonicalParameters(parameters);
    return query === '' ? this.#baseUrl + path : `${this.#baseUrl}${path}?${query}`;
  }
}
