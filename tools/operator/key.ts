import { createKey, findAccount, type ListedKey, linesOfNewKey, rightsText } from './accounts.ts';
import { type Commands, runProgram } from './command.ts';

const pathOf = (apiKey: string): string => `/admin/keys?apiKey=${encodeURIComponent(apiKey)}`;

/** `ringside key`: see its help. */
const COMMANDS: Commands = {
  create: {
    usage: 'ACCOUNT [--read-only] [--allow ADDRESS …]',
    help: 'make another key to an account, named by its id or its name, and print it',
    words: [1, 1],
    options: ['read-only', 'allow'],
    async run(api, given) {
      const { accountId } = await findAccount(api, given.words[0]!);
      const key = await createKey(api, accountId, given);
      return { answer: { accountId, ...key }, lines: linesOfNewKey(key) };
    },
  },
  list: {
    usage: 'ACCOUNT',
    help: 'the keys of an account that are in force; nobody has their secrets but their owners',
    words: [1, 1],
    options: [],
    async run(api, { words: [account = ''] }) {
      const { accountId } = await findAccount(api, account);
      const keys = await api.get<ListedKey[]>(`/admin/accounts/${accountId}/keys`);
      const lines = keys.map((key) => `${key.apiKey}  ${rightsText(key)}`);
      return { answer: keys, lines: lines.length === 0 ? ['no keys'] : lines };
    },
  },
  allow: {
    usage: 'APIKEY [ADDRESS …]',
    help: 'from now on the key may be used from these addresses and networks only; without any, from anywhere',
    words: [1, Number.POSITIVE_INFINITY],
    options: [],
    async run(api, { words: [apiKey = '', ...allowedAddresses] }) {
      const key = await api.patch<ListedKey>(pathOf(apiKey), { allowedAddresses });
      return { answer: key, lines: [`${key.apiKey}  ${rightsText(key)}`] };
    },
  },
  revoke: {
    usage: 'APIKEY',
    help: 'take a key away at once and for ever; what is open on it is closed',
    words: [1, 1],
    options: [],
    async run(api, { words: [apiKey = ''] }) {
      const answer = await api.delete(pathOf(apiKey));
      return { answer, lines: [`revoked  ${apiKey}`] };
    },
  },
};

await runProgram('key', COMMANDS);
