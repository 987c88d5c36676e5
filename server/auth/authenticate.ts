import type { Permissions } from '../../engine/protocol/enums.ts';
import { US_PER_MS } from '../../engine/protocol/time-units.ts';
import { ApiError, invalidRequest } from '../api-error.ts';
import { CLOCKS, type Clocks } from '../clock.ts';
import { limitedAddress } from '../http/remote-address.ts';
import type { ApiKey, ApiKeys } from './api-keys.ts';
import { SIGNATURE_BYTES } from './ed25519.ts';
import { SignatureChecks } from './signature-checks.ts';
import { type SignedParameters, signingStrings } from './signing-strings.ts';

/** Counts what a signature costs its sender, once it was checked. */
interface SignatureMeter {
  onForged(): void;
  /** @throws ApiError 429 TOO_MANY_REQUESTS */
  onGranted(key: object, instruction: string, parameterSets: readonly SignedParameters[]): void;
}

/** What a signed request says about itself, as sent; an empty text where it said nothing. */
export interface Credentials {
  readonly apiKey: string;
  readonly signature: string;
  /** Milliseconds since the epoch, decimal. */
  readonly timestamp: string;
  /** Milliseconds the request stays valid, decimal. */
  readonly window: string;
  /** From where it came, as `normalAddress` has it: the one thing here that the client does not say. */
  readonly remoteAddress: string;
  /** Absent where nothing is limited. */
  readonly meter?: SignatureMeter | undefined;
}

/** A request that was found authentic. */
export interface Grant {
  readonly key: ApiKey;
  readonly remoteAddress: string;
  readonly timestampMs: number;
  readonly windowMs: number;
  /** The last moment at which an order signed so may still be taken, µs by the engine's clock. */
  readonly expiresAtUs: number;
}

/** Of a request that says nothing of it. */
export const DEFAULT_WINDOW_MS = 5000;
const DEFAULT_WINDOW = String(DEFAULT_WINDOW_MS);
const WINDOW_MAX_MS = 60_000;
/** How far a client's clock may run ahead of ours. */
const AHEAD_MAX_MS = 1000;

/**
 * Checks who sent a request, that it is recent, and that its key may do what it asks.
 *
 * Clients stamp by their clocks, which agree with the host's and not with the engine's when the host's was set while
 * the venue ran. So a request's age is told by the host's clock, and what is left of its window is then told to the
 * engine as a moment of the engine's: here alone is one clock converted into the other.
 */
export class Authenticator {
  readonly #keys: ApiKeys;
  readonly #clocks: Clocks;
  readonly #checks: Pick<SignatureChecks, 'check'>;

  constructor(
    keys: ApiKeys,
    clocks: Clocks = CLOCKS,
    checks: Pick<SignatureChecks, 'check'> = new SignatureChecks(),
  ) {
    this.#keys = keys;
    this.#clocks = clocks;
    this.#checks = checks;
  }

  /**
   * Checks a signature on another thread, then what may have changed meanwhile. Requests from one address with one key
   * go on in the order of the calls, whatever became of those before: see `SignatureChecks`.
   *
   * @param asWritten another reading of the parameters that may have been signed, see `numbersAsWritten`
   * @throws ApiError 401 UNAUTHORIZED (no such key), 401 INVALID_SIGNATURE, 403 FORBIDDEN (the key may not do this, or
   * not from this address), and 400 INVALID_CLIENT_REQUEST for a timestamp or window that is malformed or out of its
   * limits; 429 TOO_MANY_REQUESTS; 503 BUSY when too many wait to be checked, 503 SHUTTING_DOWN when none is any more.
   */
  async authenticate(
    credentials: Credentials,
    instruction: string,
    parameterSets: readonly SignedParameters[],
    permission: Permissions,
    asWritten: readonly SignedParameters[] | null = null,
  ): Promise<Grant> {
    const attempt = this.#prepare(credentials, instruction, parameterSets, asWritten);
    const { key } = attempt.grant;
    const { signature, candidates } = attempt;
    const source = {
      address: limitedAddress(credentials.remoteAddress),
      publicKey: key.publicKey,
    };
    const isAuthentic = await this.#checks.check(source, key.publicKeyBytes, signature, candidates);
    if (!isAuthentic) credentials.meter?.onForged();
    const grant = this.#conclude(attempt.grant, isAuthentic, permission);
    credentials.meter?.onGranted(key, instruction, parameterSets);
    return grant;
  }

  /**
   * Whether the request may still have its effect. To be called in the turn that sends the command, behind whatever was
   * waited for: meanwhile the key may have been revoked, or its addresses changed, and the window may have ended.
   *
   * @throws ApiError as `authenticate`
   */
  assertInForce(grant: Grant): void {
    assertFresh(grant.timestampMs, grant.windowMs, this.#clocks.hostMs());
    if (this.#keys.get(grant.key.publicKey) !== grant.key) throw unknownKey();
    assertAllowedFrom(grant.key, grant.remoteAddress);
  }

  #prepare(
    credentials: Credentials,
    instruction: string,
    parameterSets: readonly SignedParameters[],
    asWritten: readonly SignedParameters[] | null,
  ): { candidates: string[]; grant: Grant; signature: Buffer } {
    const key = this.#keys.get(credentials.apiKey);
    if (key === undefined) throw unknownKey();
    const { remoteAddress } = credentials;
    assertAllowedFrom(key, remoteAddress);
    const window = credentials.window === '' ? DEFAULT_WINDOW : credentials.window;
    const timestampMs = wholeNumber(credentials.timestamp);
    const windowMs = wholeNumber(window);
    if (timestampMs === undefined) throw invalidRequest('Invalid timestamp');
    if (windowMs === undefined || windowMs > WINDOW_MAX_MS) throw invalidRequest('Invalid window');
    const nowMs = this.#clocks.hostMs();
    assertFresh(timestampMs, windowMs, nowMs);
    const expiresAtUs = this.#clocks.engineUs() + (timestampMs + windowMs - nowMs) * US_PER_MS;
    const signature = Buffer.from(credentials.signature, 'base64');
    if (
      signature.length !== SIGNATURE_BYTES ||
      signature.toString('base64') !== credentials.signature
    ) {
      throw invalidSignature();
    }
    const { timestamp } = credentials;
    const candidates = signingStrings(instruction, parameterSets, timestamp, window);
    if (asWritten !== null) {
      candidates.push(...signingStrings(instruction, asWritten, timestamp, window));
    }
    return {
      candidates,
      grant: { key, remoteAddress, timestampMs, windowMs, expiresAtUs },
      signature,
    };
  }

  #conclude(grant: Grant, isAuthentic: boolean, permission: Permissions): Grant {
    if (!isAuthentic) throw invalidSignature();
    this.assertInForce(grant);
    assertPermitted(grant.key.permissions, permission);
    return grant;
  }
}

/** @throws ApiError 403 FORBIDDEN */
function assertPermitted(granted: Permissions, needed: Permissions): void {
  if ((granted & needed) !== needed) throw forbidden();
}

export function forbidden(): ApiError {
  return new ApiError(403, 'FORBIDDEN', 'The API key does not have the permission for this');
}

/** Before a signature is checked, so that what comes from elsewhere costs nothing. */
function assertAllowedFrom({ allowedAddresses }: ApiKey, remoteAddress: string): void {
  if (allowedAddresses.allows(remoteAddress)) return;
  throw new ApiError(403, 'FORBIDDEN', 'The API key may not be used from this address');
}

function assertFresh(timestampMs: number, windowMs: number, nowMs: number): void {
  if (timestampMs - nowMs > AHEAD_MAX_MS) throw invalidRequest('Invalid timestamp');
  if (nowMs - timestampMs > windowMs) throw invalidRequest('Request has expired');
}

function unknownKey(): ApiError {
  return new ApiError(401, 'UNAUTHORIZED', 'Unknown API key');
}

function invalidSignature(): ApiError {
  return new ApiError(401, 'INVALID_SIGNATURE', 'Invalid signature');
}

/** Up to 15 digits, so that the number is exact; undefined for anything else. */
function wholeNumber(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
