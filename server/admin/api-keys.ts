import { generateKeyPairSync } from 'node:crypto';
import { assert } from '../../engine/assert.ts';
import { CreateApiKey, RevokeApiKey, SetAllowedAddresses } from '../../engine/protocol/commands.ts';
import { Permission } from '../../engine/protocol/enums.ts';
import { AllowedAddressesSet } from '../../engine/protocol/events.ts';
import { homeShardOfAccount } from '../../engine/protocol/sharding.ts';
import { ApiError, invalidRequest } from '../api-error.ts';
import { ALLOWED_ADDRESSES_MAX, AllowedAddresses, ANYWHERE } from '../auth/allowed-addresses.ts';
import { type ApiKey, type ApiKeys, isPublicKeyText } from '../auth/api-keys.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { json, type Route } from '../http/route.ts';
import type { AccountDirectory } from '../registry/account-directory.ts';
import { parseAccountId } from './accounts.ts';
import { BodyFields } from './body-fields.ts';
import { Creations } from './creations.ts';
import { askShards, partsOf } from './shard-request.ts';

const PERMISSIONS = { read: Permission.Read, trade: Permission.Trade } as const;
const PUBLIC_KEY_LENGTH_MAX = 64;
/** Of a network in CIDR form. */
const ADDRESS_LENGTH_MAX = 64;

/**
 * `POST /admin/accounts/{accountId}/keys {publicKey?, permissions?, allowedAddresses?}` → `{apiKey}`, with the `secret`
 * when the venue made the pair: shown this once, kept nowhere. `GET` of the same path lists the keys that are in force.
 * `PATCH /admin/keys?apiKey=… {allowedAddresses}` changes from where a key may be used, at once; an empty list is
 * anywhere. `DELETE /admin/keys?apiKey=…`; a revoked key stays revoked.
 */
export function apiKeyRoutes(
  engine: EngineClient,
  accounts: AccountDirectory,
  apiKeys: ApiKeys,
): Route[] {
  const creations = new Creations<string>('API key', (publicKey) => {
    const key = apiKeys.get(publicKey);
    return key && { content: contentOf(key), result: publicKey };
  });

  async function create(publicKey: string, rights: KeyRights): Promise<string> {
    const { accountId, permissions } = rights;
    const shard = homeShardOfAccount(accountId, engine.shardCount);
    const allowedAddresses = rights.allowedAddresses.text;
    const command = { requestId: 0, accountId, publicKey, permissions, allowedAddresses };
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
        const allowedAddresses = allowedAddressesOf(fields) ?? ANYWHERE;
        if (given !== null && !isPublicKeyText(given)) {
          throw invalidRequest('publicKey must be base64 of the 32 bytes of an Ed25519 public key');
        }
        if (given !== null && apiKeys.isRevoked(given)) {
          throw new ApiError(409, 'ALREADY_EXISTS', 'This API key was revoked');
        }
        const pair = given === null ? makeKeyPair() : { apiKey: given };
        const rights = { accountId, permissions, allowedAddresses };
        await creations.once(pair.apiKey, contentOf(rights), () => create(pair.apiKey, rights));
        return json(pair);
      },
    },
    {
      method: 'get',
      path: '/admin/accounts/:accountId/keys',
      handle: (_request, parameters) =>
        json(apiKeys.ofAccount(parseAccountId(parameters.accountId!, accounts)).map(keyJson)),
    },
    {
      method: 'patch',
      path: '/admin/keys',
      async handle(request) {
        const publicKey = apiKeyOf(request.query);
        const allowedAddresses = allowedAddressesOf(new BodyFields(request.body))?.text;
        if (allowedAddresses === undefined) throw invalidRequest('allowedAddresses is missing');
        const accountId = apiKeys.get(publicKey)?.accountId;
        if (accountId === undefined) throw notFound();
        const shard = homeShardOfAccount(accountId, engine.shardCount);
        const command = { requestId: 0, accountId, publicKey, allowedAddresses };
        const parts = await askShards(engine, SetAllowedAddresses, command, shard);
        const key = apiKeys.get(publicKey);
        // Revoked meanwhile.
        if (partsOf(parts, AllowedAddressesSet).length === 0 || key === undefined) throw notFound();
        return json(keyJson(key));
      },
    },
    {
      method: 'del',
      path: '/admin/keys',
      async handle(request) {
        const apiKey = apiKeyOf(request.query);
        if (apiKeys.isRevoked(apiKey)) return json({ apiKey });
        const accountId = apiKeys.get(apiKey)?.accountId;
        if (accountId === undefined) throw notFound();
        const shard = homeShardOfAccount(accountId, engine.shardCount);
        const command = { requestId: 0, accountId, publicKey: apiKey };
        await askShards(engine, RevokeApiKey, command, shard);
        return json({ apiKey });
      },
    },
  ];
}

type KeyRights = Pick<ApiKey, 'accountId' | 'permissions' | 'allowedAddresses'>;

/** Everything of a key but its name. */
function contentOf({ accountId, permissions, allowedAddresses }: KeyRights): string {
  return `${accountId} ${permissions} ${allowedAddresses.text}`;
}

function keyJson({ publicKey, permissions, allowedAddresses }: ApiKey): object {
  const names = Object.entries(PERMISSIONS).filter(([, bit]) => (permissions & bit) !== 0);
  return {
    apiKey: publicKey,
    permissions: names.map(([name]) => name),
    allowedAddresses: allowedAddresses.networks,
  };
}

/** Undefined when the request says nothing of them. */
function allowedAddressesOf(fields: BodyFields): AllowedAddresses | undefined {
  const name = 'allowedAddresses';
  const entries = fields.optionalTexts(name, ALLOWED_ADDRESSES_MAX, ADDRESS_LENGTH_MAX);
  if (entries === null) return undefined;
  const parsed = AllowedAddresses.parse(entries);
  if (parsed instanceof AllowedAddresses) return parsed;
  const { malformed } = parsed;
  throw invalidRequest(`${name}: ${malformed} is no IP address and no network such as 10.0.0.0/8`);
}

function notFound(): ApiError {
  return new ApiError(404, 'RESOURCE_NOT_FOUND', 'Not Found');
}

/** Base64 has `+`, which a form-encoded query turns into a space; a key has no spaces to lose. */
function apiKeyOf(query: string): string {
  const [apiKey, another] = new URLSearchParams(query).getAll('apiKey');
  if (apiKey === undefined) throw invalidRequest('apiKey is missing');
  if (another !== undefined) throw invalidRequest('apiKey is given more than once');
  return apiKey.replaceAll(' ', '+');
}

/** Key and secret as clients take them: base64 of the 32-byte public key and of the 32-byte seed. */
function makeKeyPair(): { apiKey: string; secret: string } {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  assert(jwk.x !== undefined && jwk.d !== undefined, 'a key pair without its halves');
  const base64 = (text: string): string => Buffer.from(text, 'base64url').toString('base64');
  return { apiKey: base64(jwk.x), secret: base64(jwk.d) };
}
