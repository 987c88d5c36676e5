import {
  ExpiryReason,
  OrderStatus,
  SelfTradePrevention,
  Side,
  TimeInForce,
} from '../../engine/protocol/enums.ts';
import { RejectCode } from '../../engine/protocol/reject-codes.ts';

/** Names by value, indexed instead of searched: each order reply needs several. */
function namesOf(values: Readonly<Record<string, number>>): readonly string[] {
  const names: string[] = [];
  for (const [name, value] of Object.entries(values)) names[value] = name;
  return names;
}

export const SIDE_NAMES = namesOf(Side);
export const STATUS_NAMES = namesOf(OrderStatus);
export const TIME_IN_FORCE_NAMES = namesOf(TimeInForce);
export const SELF_TRADE_PREVENTION_NAMES = namesOf(SelfTradePrevention);
export const EXPIRY_REASON_NAMES = namesOf(ExpiryReason);
export const REJECT_REASON_NAMES = namesOf(RejectCode);

/** What the trigger price of every stop order is compared with. */
export const TRIGGER_BY = 'LastPrice';
