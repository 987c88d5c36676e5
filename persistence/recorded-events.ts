import { assert } from '../engine/assert.ts';
import {
  AccountCreated,
  AllowedAddressesSet,
  ApiKeyCreated,
  ApiKeyRevoked,
  AssetListed,
  BalanceChanged,
  BookDelta,
  FundsMoved,
  MarketListed,
  MarketStateChanged,
  MatchPrevented,
  OrderEvent,
  Trade,
} from '../engine/protocol/events.ts';

/** What a shard records: everything else on its stream is an answer to the gateway. */
const RECORDED_EVENTS = [
  AssetListed,
  MarketListed,
  MarketStateChanged,
  AccountCreated,
  ApiKeyCreated,
  ApiKeyRevoked,
  AllowedAddressesSet,
  FundsMoved,
  BalanceChanged,
  OrderEvent,
  Trade,
  BookDelta,
  MatchPrevented,
] as const;

/** The name of a recorded event's type number. */
export function nameOfEvent(type: number): string {
  const message = RECORDED_EVENTS.find((event) => event.type === type);
  assert(message !== undefined, `message type ${type} is not a recorded event`);
  return message.name;
}
