import { DescribeAccounts } from '../../engine/protocol/commands.ts';
import { AccountDescribed, type ApiKeyDescribed } from '../../engine/protocol/descriptions.ts';
import type { Body } from '../../engine/protocol/message.ts';
import type { ApiKeys } from '../auth/api-keys.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import type { AnswerPart } from '../engine/pending-requests.ts';
import type { AccountDirectory } from '../registry/account-directory.ts';

/** Fetches the accounts of every shard and their API keys. */
export async function learnAccounts(
  engine: EngineClient,
  accounts: AccountDirectory,
  apiKeys: ApiKeys,
): Promise<void> {
  const learn = async (shard: number): Promise<void> => {
    let afterAccountId = -1;
    let lastAccountId = 0;
    const take = ({ type, body }: AnswerPart): void => {
      if (type === AccountDescribed.type) {
        const { accountId, name } = body as Body<typeof AccountDescribed>;
        accounts.add(accountId, name);
        lastAccountId = accountId;
      } else {
        learnKey(body as Body<typeof ApiKeyDescribed>, apiKeys);
      }
    };
    while (lastAccountId > afterAccountId) {
      afterAccountId = lastAccountId;
      await engine.requestParts(DescribeAccounts, { requestId: 0, afterAccountId }, shard, take);
    }
  };
  await Promise.all(Array.from({ length: engine.shardCount }, (_, shard) => learn(shard)));
}

function learnKey(key: Body<typeof ApiKeyDescribed>, apiKeys: ApiKeys): void {
  if (key.permissions === 0) apiKeys.revoke(key.publicKey);
  else apiKeys.add(key);
}
