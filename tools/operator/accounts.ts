import { type AdminApi, OperatorError } from './admin-api.ts';
import { type Given, UsageError } from './command.ts';

export interface ListedAccount {
  readonly accountId: number;
  readonly name: string;
}

export interface ListedKey {
  readonly apiKey: string;
  readonly permissions: readonly string[];
  readonly allowedAddresses: readonly string[];
}

/** A key as it was made: its secret is told this once. */
export interface NewKey extends ListedKey {
  readonly secret: string;
}

/** @throws OperatorError unless exactly one account has this id or name */
export async function findAccount(api: AdminApi, idOrName: string): Promise<ListedAccount> {
  const accounts = await api.get<ListedAccount[]>('/admin/accounts');
  const named = accounts.filter(({ name }) => name === idOrName);
  const found =
    named.length > 0 ? named : accounts.filter(({ accountId }) => String(accountId) === idOrName);
  if (found.length === 1) return found[0]!;
  throw new OperatorError(
    found.length === 0
      ? `no account ${idOrName}: ringside account list names them`
      : `several accounts are named ${idOrName}: give the id`,
  );
}

export async function createKey(
  api: AdminApi,
  accountId: number,
  { isReadOnly, allowedAddresses }: Given,
): Promise<NewKey> {
  const permissions = isReadOnly ? ['read'] : ['read', 'trade'];
  const rights = { permissions, allowedAddresses };
  const path = `/admin/accounts/${accountId}/keys`;
  const { apiKey, secret } = await api.post<NewKey>(path, rights);
  return { apiKey, secret, ...rights };
}

export function linesOfNewKey({ apiKey, secret, ...rights }: NewKey): string[] {
  return [
    `API key  ${apiKey}  (${rightsText(rights)})`,
    `secret   ${secret}`,
    'The secret is shown this once: nobody keeps it but you.',
  ];
}

/** `read, trade; from 10.0.0.0/8` */
export function rightsText({
  permissions,
  allowedAddresses,
}: Pick<ListedKey, 'permissions' | 'allowedAddresses'>): string {
  const from = allowedAddresses.length === 0 ? 'anywhere' : allowedAddresses.join(', ');
  return `${permissions.join(', ')}; from ${from}`;
}

export interface Deposit {
  readonly asset: string;
  readonly quantity: string;
}

/** @throws UsageError unless each is `ASSET=QUANTITY` */
export function parseDeposits(texts: readonly string[]): Deposit[] {
  return texts.map((text) => {
    const match = /^([A-Z0-9]{1,16})=(\d+(?:\.\d+)?)$/.exec(text);
    if (match === null) {
      throw new UsageError(`a deposit is ASSET=QUANTITY such as USDC=10000, not ${text}`);
    }
    return { asset: match[1]!, quantity: match[2]! };
  });
}

export interface Balance {
  readonly asset: string;
  readonly available: string;
  readonly locked: string;
}

/** @param id of the deposits, together with their assets: a repeated one moves nothing */
export async function deposit(
  api: AdminApi,
  accountId: number,
  deposits: readonly Deposit[],
  id: string,
): Promise<Balance[]> {
  const balances: Balance[] = [];
  for (const { asset, quantity } of deposits) {
    const body = { id: `${id} ${asset}`, asset, quantity };
    balances.push(await api.post<Balance>(`/admin/accounts/${accountId}/deposits`, body));
  }
  return balances;
}

export function lineOfBalance({ asset, available, locked }: Balance): string {
  return `${asset.padEnd(8)} ${available} available, ${locked} locked`;
}
