import Type from 'typebox';
import { WIRE_CODES } from '../../engine/protocol/wire-codes.ts';
import { oneOf } from './values.ts';

export const RefusalCode = oneOf(WIRE_CODES, {
  title: 'RefusalCode',
  description: 'Why something was refused; codes never change their meaning.',
});

/** The body of every answer of 400 and above. */
export const Refusal = Type.Object(
  { code: RefusalCode, message: Type.String() },
  { title: 'Refusal', examples: [{ code: 'INVALID_MARKET', message: 'Invalid market' }] },
);

/** What each status of a refusal means. */
export const REFUSALS: Readonly<Record<number, string>> = {
  400: 'The request is malformed, or the venue cannot do what it asks.',
  401: 'The API key is unknown, or the signature does not fit.',
  403: 'The API key may not do this, or not from this address; or the account is stopped.',
  404: 'There is no such thing.',
  409: 'Another request with other content had this id.',
  413: 'The body is over 64 KiB.',
  429: 'Too many requests: `Retry-After` says for how long, where that is known.',
  431: 'Request line and headers are over 16 KiB.',
  500: 'A fault of the venue.',
  501: 'A part of the API that this venue does not have.',
  503: 'Not now: the venue is busy, stops, or has a part that is down.',
  504: 'The outcome is unknown.',
};
