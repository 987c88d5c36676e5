import { Permission } from '../../engine/protocol/enums.ts';
import { invalidRequest } from '../api-error.ts';
import type { Authenticator, Credentials, Grant } from '../auth/authenticate.ts';
import { numbersAsWritten } from '../auth/json-numbers.ts';
import { bodyParameters, queryParameters, type SignedParameters } from '../auth/signing-strings.ts';
import type { HttpReply, HttpRequest } from './route.ts';

/** What the private routes need to know who asks. */
export interface SignedRequests {
  readonly authenticator: Authenticator;
}

export function credentialsOf(request: HttpRequest): Credentials {
  return {
    apiKey: request.header('x-api-key'),
    signature: request.header('x-signature'),
    timestamp: request.header('x-timestamp'),
    window: request.header('x-window'),
    remoteAddress: request.remoteAddress,
    meter: request.meter,
  };
}

/**
 * A signed request whose parameters are the members of its JSON body: it changes something.
 *
 * The grant is good for the turn in which it is answered. Whoever waits for anything before the command is sent calls
 * `assertInForce` in the turn that sends it: meanwhile the key may have been revoked, and the window may have ended.
 */
export async function authenticateBody(
  { authenticator }: SignedRequests,
  request: HttpRequest,
  instruction: string,
): Promise<{ grant: Grant; body: Readonly<Record<string, unknown>> }> {
  const body = parseJson(request.body);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalidRequest('parse request payload error: failed to parse the body as an object');
  }
  const parameterSets = [signedMembers(body)];
  const grant = await authenticator.authenticate(
    credentialsOf(request),
    instruction,
    parameterSets,
    Permission.Trade,
    numbersAsWritten(request.body, parameterSets),
  );
  return { grant, body: body as Readonly<Record<string, unknown>> };
}

/** A signed request whose parameters are in its query: it only reads. */
export async function authenticateQuery(
  { authenticator }: SignedRequests,
  request: HttpRequest,
  instruction: string,
): Promise<{ grant: Grant }> {
  const query = queryParameters(request.query);
  if (query === null) throw invalidRequest('The query is not percent-encoded');
  const grant = await authenticator.authenticate(
    credentialsOf(request),
    instruction,
    [query],
    Permission.Read,
  );
  return { grant };
}

/** The parameters of a body; nesting too deep to be written out is the client's fault. */
export function signedMembers(body: object): SignedParameters {
  try {
    return bodyParameters(body);
  } catch {
    throw invalidRequest('The body is nested too deeply');
  }
}

/** @throws ApiError 400 INVALID_CLIENT_REQUEST */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidRequest('parse request payload error: failed to parse the body as JSON');
  }
}

/** A reply whose JSON text is built already. */
export function jsonText(body: string): HttpReply {
  return { status: 200, contentType: 'application/json; charset=utf-8', body };
}
