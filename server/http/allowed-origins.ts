/** What a page of another site may read beside the answer. */
const EXPOSED_HEADERS = [
  'RateLimit-Policy',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
  'Retry-After',
  'X-Page-Count',
  'X-Current-Page',
  'X-Page-Size',
  'X-Total',
].join(', ');

const REQUEST_HEADERS = [
  'Content-Type',
  'X-API-Key',
  'X-Signature',
  'X-Timestamp',
  'X-Window',
  'X-Broker-Id',
].join(', ');

const PREFLIGHT_SECONDS = 600;

/** Which sites' pages may use the API: the venue's own, and those that the settings name. */
export class AllowedOrigins {
  readonly #allowed: ReadonlySet<string>;
  readonly #allowsAll: boolean;

  /** @param allowed origins as browsers write them; `*` among them is every one */
  constructor(allowed: ReadonlySet<string>) {
    this.#allowed = allowed;
    this.#allowsAll = allowed.has('*');
  }

  /**
   * Whether who says that he is of this origin may be served. Programs send none; a page is of the venue when its
   * host is the one that was asked. `host` is the request's own header, which a page cannot forge.
   */
  allows(origin: string, host: string): boolean {
    return origin === '' || this.isNamed(origin) || isSameSite(origin, host);
  }

  /** Whether the settings allow this origin. */
  isNamed(origin: string): boolean {
    return this.#allowsAll || this.#allowed.has(origin);
  }

  /** What the browser asks of an answer to a page of another site; null where it is to be kept from it. */
  headers(origin: string): Readonly<Record<string, string>> | null {
    if (origin === '' || !this.isNamed(origin)) return null;
    return {
      'access-control-allow-origin': origin,
      'access-control-expose-headers': EXPOSED_HEADERS,
      vary: 'Origin',
    };
  }

  /** The same for the question that browsers send before a signed request; null refuses. */
  preflightHeaders(origin: string): Readonly<Record<string, string>> | null {
    const headers = this.headers(origin);
    return (
      headers && {
        ...headers,
        'access-control-allow-methods': 'GET, POST, PATCH, DELETE',
        'access-control-allow-headers': REQUEST_HEADERS,
        'access-control-max-age': String(PREFLIGHT_SECONDS),
      }
    );
  }
}

function isSameSite(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}
