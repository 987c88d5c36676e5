import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const DEFAULT_DATA_DIR = './data';
const DEFAULT_ADMIN_PORT = '8081';
const TIMEOUT_MS = 10_000;

/** What the venue would not do, or that it cannot be asked: for the operator, in one line. */
export class OperatorError extends Error {
  override name = 'OperatorError';
}

/** Where a venue is, as far as the command line says it; the rest is found by its data dir and its variables. */
export interface VenueOptions {
  readonly dataDir: string | undefined;
  readonly adminUrl: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The admin API of a running venue. */
export class AdminApi {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /**
   * Of the venue whose data dir it is: a running one leaves its address and its token there.
   *
   * @throws OperatorError when there is no token
   */
  static find({ dataDir, adminUrl }: VenueOptions, environment: Environment): AdminApi {
    const folder = resolve(
      dataDir ?? settingOf(environment, 'RINGSIDE_DATA_DIR') ?? DEFAULT_DATA_DIR,
    );
    const port = settingOf(environment, 'RINGSIDE_ADMIN_PORT') ?? DEFAULT_ADMIN_PORT;
    const url = adminUrl ?? read(folder, 'admin-url') ?? `http://127.0.0.1:${port}`;
    const token = settingOf(environment, 'RINGSIDE_ADMIN_TOKEN') ?? read(folder, 'admin-token');
    if (token !== null) return new AdminApi(url, token);
    throw new OperatorError(
      `no admin token in ${folder}: is this the data dir of a venue that has run? (--data-dir, RINGSIDE_DATA_DIR)`,
    );
  }

  get<Answer>(path: string): Promise<Answer> {
    return this.#ask('GET', path);
  }

  post<Answer>(path: string, body: object): Promise<Answer> {
    return this.#ask('POST', path, body);
  }

  patch<Answer>(path: string, body: object): Promise<Answer> {
    return this.#ask('PATCH', path, body);
  }

  delete<Answer>(path: string): Promise<Answer> {
    return this.#ask('DELETE', path);
  }

  async #ask<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    let status: number;
    let text: string;
    try {
      const reply = await fetch(`${this.#url}${path}`, {
        method,
        headers: { Authorization: `Bearer ${this.#token}` },
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      status = reply.status;
      text = await reply.text();
    } catch (error) {
      throw new OperatorError(`no venue answers at ${this.#url}: ${reasonOf(error)}`);
    }
    const answer = parse(text);
    if (status === 200 && answer !== undefined) return answer as Answer;
    const { code, message } = (answer ?? {}) as { code?: unknown; message?: unknown };
    if (typeof code !== 'string') {
      throw new OperatorError(`what answers at ${this.#url} is no venue: status ${status}`);
    }
    throw new OperatorError(`refused: ${code}: ${String(message)}`);
  }
}

/** An empty variable is unset, as for the venue. */
function settingOf(environment: Environment, name: string): string | null {
  const value = environment[name];
  return value === undefined || value === '' ? null : value;
}

function read(folder: string, name: string): string | null {
  try {
    return readFileSync(join(folder, name), 'utf8').trim();
  } catch {
    return null;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `fetch` says why in the cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}
