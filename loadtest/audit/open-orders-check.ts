import { RestClient } from '../client/rest-client.ts';
import type { AuditedAccount } from './audit-input.ts';
import { type Finding, findingOf } from './check.ts';

/** Accounts that are asked at a time. */
const CONCURRENCY = 8;

/** The engine's open orders of every account are those that are open by what it was told. */
export async function checkOpenOrders(
  url: string,
  accounts: readonly AuditedAccount[],
): Promise<Finding> {
  const known = accounts.filter(({ openOrderIds }) => openOrderIds !== undefined);
  const wrong: string[] = [];
  let open = 0;
  const queue = known.values();
  const askInTurn = async (): Promise<void> => {
    for (const account of queue) {
      const found = await openOrdersOf(url, account);
      open += found.size;
      const difference = differenceOf(account, found);
      if (difference !== undefined) wrong.push(difference);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, askInTurn));
  return findingOf(wrong, `${open} open orders of ${known.length} accounts`);
}

async function openOrdersOf(url: string, { keyPair }: AuditedAccount): Promise<Set<string>> {
  const rest = new RestClient(url, keyPair);
  const orders = await rest.signedGet<readonly { id: string }[]>('/api/v1/orders', 'orderQueryAll');
  return new Set(orders.map(({ id }) => id));
}

/** A request without an answer may have opened or ended one order. */
function differenceOf(
  { accountId, openOrderIds = [], unknown }: AuditedAccount,
  found: ReadonlySet<string>,
): string | undefined {
  const told = new Set(openOrderIds);
  const missing = [...told].filter((id) => !found.has(id));
  const surplus = [...found].filter((id) => !told.has(id));
  if (missing.length + surplus.length <= unknown) return undefined;
  const first = missing[0] ?? surplus[0]!;
  return (
    `account ${accountId}: the engine lacks ${missing.length} orders and has ${surplus.length}` +
    ` that nobody was told of, such as ${first}`
  );
}
