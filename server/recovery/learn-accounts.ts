import { DescribeAccounts } from '../../engine/protocol/commands.ts';
import {
  AccountDescribed,
  ApiKeyDescribed,
  CancelTimerDescribed,
  KillSwitchDescribed,
} from '../../engine/protocol/descriptions.ts';
import type { Body } from '../../engine/protocol/message.ts';
import type { ApiKeys } from '../auth/api-keys.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import type { AnswerPart } from '../engine/pending-requests.ts';
import type { AccountDirectory } from '../registry/account-directory.ts';
import type { LearnLatch } from './learn-listings.ts';

/** Hears of a cancel timer of an account. */
export type LearnTimer = (timer: Body<typeof CancelTimerDescribed>) => void;

/** Fetches the accounts of every shard, their API keys, and what protects them. */
export async function learnAccounts(
  engine: EngineClient,
  accounts: AccountDirectory,
  apiKeys: ApiKeys,
  learnLatch: LearnLatch = () => {},
  learnTimer: LearnTimer = () => {},
): Promise<void> {
  const learn = async (shard: number): Promise<void> => {
    let afterAccountId = -1;
    let lastAccountId = 0;
    const take = ({ type, body }: AnswerPart): void => {
      if (type === AccountDescribed.type) {
        const { accountId, name } = body as Body<typeof AccountDescribed>;
        accounts.add(accountId, name);
        lastAccountId = accountId;
      } else if (type === ApiKeyDescribed.type) {
        learnKey(body as Body<typeof ApiKeyDescribed>, apiKeys);
      } else if (type === KillSwitchDescribed.type) {
        learnLatch(body as Body<typeof KillSwitchDescribed>, shard);
      } else if (type === CancelTimerDescribed.type) {
        learnTimer(body as Body<typeof CancelTimerDescribed>);
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
