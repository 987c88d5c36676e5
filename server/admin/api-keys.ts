import { generateKeyPairSync } from 'node:crypto';
import { assert } from '../../engine/assert.ts';
import { CreateApiKey, RevokeApiKey } from '../../engine/protocol/commands.ts';
import { Permission, type Permissions } from '../../engine/protocol/enums.ts';
import { homeShardOfAccount } from '../../engine/protocol/sharding.ts';
import { ApiError, invalidRequest } from '../api-error.ts';
import { type ApiKeys, isPublicKeyText } from '../auth/api-keys.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { json, type Route } from '../http/route.ts';
import type { AccountDirectory } from '../registry/account-directory.ts';
import { parseAccountId } from './accounts.ts';
import { BodyFields } from './body-fields.ts';
import { Creations } from './creations.ts';
import { askShards } from './shard-request.ts';

const PERMISSIONS = { read: Permission.Read, trade: Permission.Trade } as const;
const PUBLIC_KEY_LENGTH_MAX = 64;

/**
 * `POST /admin/accounts/{accountId}/keys {publicKey?, permissions?}` → `{apiKey}`, with the `secret`
 * when the venue made the pair: shown this once, kept nowhere. `DELETE /admin/keys?apiKey=…`; a
 * revoked key stays revoked.
 */
export function apiKeyRoutes(
  engine: EngineClient,
  accounts: AccountDirectory,
  apiKeys: ApiKeys,
): Route[] {
  const creations = new Creations<string>('API key', (publicKey) => {
    const key = apiKeys.get(publicKey);
    return key && { content: contentOf(key.accountId, key.permissions), result: publicKey };
  });

  async function create(accountId: number, publicKey: string, permissions: Permissions) {
    const shard = homeShardOfAccount(accountId, engine.shardCount);
    const command = { requestId: 0, accountId, publicKey, permissions };
    await askShards(engine, CreateApiKey, command, shard);
    return publicKey;
  }

  return [
    {
      method: 'post',
      path: '/admin/accounts/:accountId/keys',
      async handle(request, parameters) {
        const accountId = parseAccountId(parameters.accountId!, accounts);
        const fields = new BodyFields(request.body === '' ? '{}' : request.body);
        const given = fields.optionalText('publicKey', PUBLIC_KEY_LENGTH_MAX);
        const permissions =
          fields.optionalBits('permissions', PERMISSIONS) ?? Permission.Read | Permission.Trade;
        if (given !== null && !isPublicKeyText(given)) {
          throw invalidRequest('publicKey must be base64 of the 32 bytes of an Ed25519 public key');
        }
        if (given !== null && apiKeys.isRevoked(given)) {
          throw new ApiError(409, 'ALREADY_EXISTS', 'This API key was revoked');
        }
        const pair = given === null ? makeKeyPair() : { apiKey: given };
        const content = contentOf(accountId, permissions);
        await creations.once(pair.apiKey, content, () =>
          create(accountId, pair.apiKey, permissions),
        );
        return json(pair);
      },
    },
    {
      method: 'del',
      path: '/admin/keys',
      async handle(request) {
        const apiKey = apiKeyOf(request.query);
        if (apiKeys.isRevoked(apiKey)) return json({ apiKey });
        const accountId = apiKeys.get(apiKey)?.accountId;
        if (accountId === undefined) throw new ApiError(404, 'RESOURCE_NOT_FOUND', 'Not Found');
        const shard = homeShardOfAccount(accountId, engine.shardCount);
        const command = { requestId: 0, accountId, publicKey: apiKey };
        await askShards(engine, RevokeApiKey, command, shard);
        return json({ apiKey });
      },
    },
  ];
}

/** Everything of a key but its name. */
function contentOf(accountId: number, permissions: Permissions): string {
  return `${accountId} ${permissions}`;
}

/** Base64 has `+`, which a form-encoded query turns into a space; a key has no spaces to lose. */
function apiKeyOf(query: string): string {
  const apiKey = new URLSearchParams(query).get('apiKey');
  if (apiKey === null) throw invalidRequest('apiKey is missing');
  return apiKey.replaceAll(' ', '+');
}

/** Key and secret as clients take them: base64 of the 32-byte public key and of the 32-byte seed. */
function makeKeyPair(): { apiKey: string; secret: string } {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  assert(jwk.x !== undefined && jwk.d !== undefined, 'a key pair without its halves');
  const base64 = (text: string): string => Buffer.from(text, 'base64url').toString('base64');
  return { apiKey: base64(jwk.x), secret: base64(jwk.d) };
}
