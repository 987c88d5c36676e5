import { RestClient } from '../client/rest-client.ts';
import {
  type AuditedAccount,
  type AuditedVenue,
  nameOf,
  type OpenOrdersKnown,
  type RestingOrder,
} from './audit-input.ts';
import { counted, type Finding, findingOf } from './check.ts';
import { exact } from './decimal-sums.ts';

/** Accounts that are asked at a time. */
const CONCURRENCY = 8;

/** An order as the engine lists it. */
interface ListedOrder extends RestingOrder {
  readonly id: string;
}

/**
 * The engine's open orders of every account are those that are open by what it was told. Where others trade in the
 * markets, orders that are gone may be theirs.
 */
export async function checkOpenOrders(
  { url, hasOthersInMarkets = false }: AuditedVenue,
  accounts: readonly AuditedAccount[],
): Promise<Finding> {
  const known = accounts.filter(isKnown);
  const wrong: string[] = [];
  let open = 0;
  const queue = known.values();
  const askInTurn = async (): Promise<void> => {
    for (const account of queue) {
      const found = await openOrdersOf(url, account);
      open += found.length;
      wrong.push(...differencesOf(account, found, hasOthersInMarkets));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, askInTurn));
  return findingOf(wrong, `${counted(open, 'open order')} of ${counted(known.length, 'account')}`);
}

/** Something is known of which orders of the account are open. */
export function isKnown({ openOrderIds, openOrders }: AuditedAccount): boolean {
  return openOrderIds !== undefined || openOrders !== undefined;
}

function openOrdersOf(url: string, { keyPair }: AuditedAccount): Promise<readonly ListedOrder[]> {
  return new RestClient(url, keyPair).signedGet('/api/v1/orders', 'orderQueryAll');
}

function differencesOf(
  account: AuditedAccount,
  found: readonly ListedOrder[],
  mayBeGone: boolean,
): string[] {
  const { openOrderIds, openOrders } = account;
  const byId = openOrderIds && differenceById(account, new Set(found.map(({ id }) => id)));
  const byClientId = openOrders && differenceByClientId(account, openOrders, found, mayBeGone);
  return [byId, byClientId].filter((difference) => difference !== undefined);
}

/** What is not in doubt is open as it was asked for, or not at all. */
function differenceByClientId(
  account: AuditedAccount,
  { orders, isUncertain }: OpenOrdersKnown,
  found: readonly ListedOrder[],
  mayBeGone: boolean,
): string | undefined {
  const wanted = new Map(orders.map((order) => [order.clientId, order]));
  const surplus: ListedOrder[] = [];
  const changed: string[] = [];
  for (const order of found) {
    const told = wanted.get(order.clientId);
    if (told === undefined) {
      if (!isUncertain(order)) surplus.push(order);
      continue;
    }
    wanted.delete(order.clientId);
    if (isSame(told, order)) continue;
    changed.push(`${order.id} is ${termsOf(order)} and should be ${termsOf(told)}`);
  }
  if (mayBeGone) wanted.clear();
  if (wanted.size + surplus.length + changed.length === 0) return undefined;
  const [missing] = wanted.values();
  const examples = [
    ...(missing === undefined ? [] : [`clientId ${missing.clientId} is not open`]),
    ...(surplus.length === 0 ? [] : [`${surplus[0]!.id} is open`]),
    ...changed.slice(0, 1),
  ];
  return (
    `${nameOf(account)}: by the replies the engine lacks ${wanted.size} orders, has ${surplus.length}` +
    ` that are over, and ${changed.length} at other terms, such as ${examples.join(', ')}`
  );
}

function isSame(one: RestingOrder, other: RestingOrder): boolean {
  return (
    one.symbol === other.symbol &&
    exact(one.price) === exact(other.price) &&
    exact(one.quantity) === exact(other.quantity)
  );
}

function termsOf({ symbol, price, quantity }: RestingOrder): string {
  return `${quantity} ${symbol} at ${price}`;
}

/** A request without an answer may have opened or ended one order. */
function differenceById(account: AuditedAccount, found: ReadonlySet<string>): string | undefined {
  const { openOrderIds = [], unknown } = account;
  const told = new Set(openOrderIds);
  const missing = [...told].filter((id) => !found.has(id));
  const surplus = [...found].filter((id) => !told.has(id));
  if (missing.length + surplus.length <= unknown) return undefined;
  const first = missing[0] ?? surplus[0]!;
  return (
    `${nameOf(account)}: the engine lacks ${missing.length} orders and has ${surplus.length}` +
    ` that nobody was told of, such as ${first}`
  );
}
