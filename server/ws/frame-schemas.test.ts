import { ApiError, invalidRequest } from '../api-error.ts';
import { listedRegistry } from '../orders/venue.fixture.ts';
import { holdReaderToSchema, type Reading } from '../schemas/reader-agreement.fixture.ts';
import {
  FrameSignature,
  GuardRequest,
  LoginParams,
  RequestId,
  SubscribeRequest,
} from '../schemas/socket-methods.ts';
import { readRequestId } from './decode-frame.ts';
import { Session } from './session.ts';
import { readWish } from './session-methods.ts';
import { PARSE_ERROR, readStreamNames } from './stream-names.ts';
import { readSignature } from './subscriptions.ts';

const registry = listedRegistry();
const session = new Session('127.0.0.1');
const MALFORMED = invalidRequest('malformed');
/** Of a name that is text, and of no stream. */
const NO_STREAM = new ApiError(400, 'INVALID_MARKET', 'no stream');

const READINGS: Readonly<Record<string, Reading>> = {
  'session.cancelOnDisconnect': {
    schema: GuardRequest,
    read: (input) => readWish(input, MALFORMED),
  },
  'session.login': {
    schema: LoginParams,
    // Params of null are none, which the schema of the whole request says.
    read: (input) => (input === null ? MALFORMED : readWish(input, null)),
  },
  signature: {
    schema: FrameSignature,
    read: (input) => readSignature(input, session) ?? MALFORMED,
  },
  id: { schema: RequestId, read: (input) => readRequestId(input) ?? MALFORMED },
  'SUBSCRIBE’s params': {
    schema: SubscribeRequest.properties.params,
    read(input) {
      const streams = readStreamNames(input, registry);
      if (Array.isArray(streams)) return undefined;
      return streams === PARSE_ERROR ? MALFORMED : NO_STREAM;
    },
  },
};

for (const [name, reading] of Object.entries(READINGS)) holdReaderToSchema(name, reading);
