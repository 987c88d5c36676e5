import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import type { Limits } from '../limits/limits.ts';
import type { Log } from '../log.ts';
import { forwardedAddress, lastLineOf, remoteAddressOf } from './remote-address.ts';

/** What proxies say of their clients: the usual header, and that of RFC 7239. */
const PROXY_HEADERS = ['x-forwarded-for', 'forwarded'];

/** Tells from which client a request is, behind a proxy or not. */
export class ClientAddresses {
  readonly #limits: Limits | null;
  readonly #log: Log;
  #isProxyTold = false;

  /** @param limits null where nothing is limited: then no proxy is trusted */
  constructor(limits: Limits | null, log: Log) {
    this.#limits = limits;
    this.#log = log;
  }

  /** Of the client that a request is from, or of the one that a trusted proxy passes it on for. */
  of(response: HttpResponse, request: HttpRequest): string {
    const address = remoteAddressOf(response);
    const limits = this.#limits;
    if (limits === null || !limits.isUnlimited(address)) return address;
    if (!limits.settings.trustsProxy) {
      if (!this.#isProxyTold) this.#tellOfProxy(address, request);
      return address;
    }
    const forwarded = forwardedAddress(lastLineOf(request, 'x-forwarded-for'));
    return forwarded === '' ? address : forwarded;
  }

  /** Once: an unlimited address that speaks for others takes every limit of addresses from them. */
  #tellOfProxy(address: string, request: HttpRequest): void {
    const header = PROXY_HEADERS.find((name) => request.getHeader(name) !== '');
    if (header === undefined) return;
    this.#isProxyTold = true;
    this.#log.error(
      `PROXY_NOT_TRUSTED: a request from ${address} has the header ${header}, so a proxy passes on requests of others, and ` +
        'nothing of theirs is limited by address. Set RINGSIDE_TRUST_PROXY=1, or take the address out of ' +
        'RINGSIDE_UNLIMITED_ADDRESSES.',
    );
  }
}
