import { CreateAccount } from '../../engine/protocol/commands.ts';
import { homeShardOfAccount } from '../../engine/protocol/sharding.ts';
import { ApiError } from '../api-error.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { json, type Route } from '../http/route.ts';
import type { AccountDirectory } from '../registry/account-directory.ts';
import { BodyFields } from './body-fields.ts';
import { Creations } from './creations.ts';
import { askShards } from './shard-request.ts';

const NAME_LENGTH_MAX = 128;
const ACCOUNT_ID = /^[1-9]\d{0,14}$/;

/** The account id in a path. @throws ApiError 404 when there is no such account. */
export function parseAccountId(text: string, accounts: AccountDirectory): number {
  const accountId = ACCOUNT_ID.test(text) ? Number(text) : 0;
  if (accounts.has(accountId)) return accountId;
  throw new ApiError(404, 'RESOURCE_NOT_FOUND', 'Not Found');
}

/** `POST /admin/accounts {name}` → `{accountId}`; `GET` → `[{accountId, name}, …]`, in order of id. */
export function accountRoutes(engine: EngineClient, accounts: AccountDirectory): Route[] {
  const creations = new Creations<number>('account', (name) => {
    const accountId = accounts.idOf(name);
    return accountId === undefined ? undefined : { content: '', result: accountId };
  });

  async function create(name: string): Promise<number> {
    const accountId = accounts.nextId;
    const shard = homeShardOfAccount(accountId, engine.shardCount);
    const command = { requestId: 0, accountId, name };
    await askShards(engine, CreateAccount, command, shard);
    return accountId;
  }

  return [
    {
      method: 'post',
      path: '/admin/accounts',
      async handle(request) {
        const name = new BodyFields(request.body).text('name', NAME_LENGTH_MAX);
        return json({ accountId: await creations.once(name, '', () => create(name)) });
      },
    },
    {
      method: 'get',
      path: '/admin/accounts',
      handle() {
        const listed = [...accounts.names].map(([name, accountId]) => ({ accountId, name }));
        return json(listed.sort((one, other) => one.accountId - other.accountId));
      },
    },
  ];
}
