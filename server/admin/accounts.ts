import { CreateAccount } from '../../engine/protocol/commands.ts';
import { AccountCreated } from '../../engine/protocol/events.ts';
import { homeShardOfAccount } from '../../engine/protocol/sharding.ts';
import { ApiError } from '../api-error.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { json, type Route } from '../http/route.ts';
import { BodyFields } from './body-fields.ts';
import { Creations } from './creations.ts';
import { askShards, partOf } from './shard-request.ts';

const NAME_LENGTH_MAX = 128;
const ACCOUNT_ID = /^[1-9]\d{0,14}$/;

/** The accounts this process has created: ids are dense from 1. */
export class AccountDirectory {
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The account id in a path. @throws ApiError 404 when there is no such account. */
  parse(text: string): number {
    const accountId = ACCOUNT_ID.test(text) ? Number(text) : 0;
    if (accountId >= 1 && accountId <= this.#count) return accountId;
    throw new ApiError(404, 'RESOURCE_NOT_FOUND', 'Not Found');
  }

  created(accountId: number): void {
    this.#count = accountId;
  }
}

/** `POST /admin/accounts {name}` → `{accountId}`. */
export function accountRoutes(engine: EngineClient, accounts: AccountDirectory): Route[] {
  const creations = new Creations<number>('account');

  async function create(name: string): Promise<number> {
    const accountId = accounts.count + 1;
    const shard = homeShardOfAccount(accountId, engine.shardCount);
    const command = { requestId: 0, accountId, name };
    const parts = await askShards(engine, CreateAccount, command, shard);
    accounts.created(partOf(parts, AccountCreated).accountId);
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
  ];
}
