import { asyncApiDocument } from './asyncapi.ts';
import type { JsonObject } from './components.ts';
import { openApiDocument } from './openapi.ts';
import { OPERATIONS } from './operations.ts';
import { SOCKET_METHODS } from './socket-methods.ts';
import { STREAMS } from './streams.ts';

/** The documents of this venue's public API, made anew at each call. */
export function openApi(): JsonObject {
  return openApiDocument(OPERATIONS);
}

export function asyncApi(): JsonObject {
  return asyncApiDocument(SOCKET_METHODS, STREAMS);
}
