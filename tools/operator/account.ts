import { randomUUID } from 'node:crypto';
import {
  type Balance,
  createKey,
  type Deposit,
  deposit,
  findAccount,
  type ListedAccount,
  lineOfBalance,
  linesOfNewKey,
  type NewKey,
  parseDeposits,
} from './accounts.ts';
import { type AdminApi, OperatorError } from './admin-api.ts';
import { type Commands, type Given, runProgram } from './command.ts';

/** `ringside account`: see its help. */
const COMMANDS: Commands = {
  create: {
    usage: 'NAME [--deposit ASSET=QUANTITY …] [--read-only] [--allow ADDRESS …]',
    help: 'make an account and a key to it, and print the key; ADDRESS is an IP address or a network such as 10.0.0.0/8',
    words: [1, 1],
    options: ['deposit', 'read-only', 'allow'],
    async run(api, given) {
      const [name = ''] = given.words;
      const deposits = parseDeposits(given.deposits);
      const accounts = await api.get<ListedAccount[]>('/admin/accounts');
      const known = accounts.find((account) => account.name === name);
      if (known !== undefined) {
        const hint = `ringside key create ${known.accountId} makes another key to it`;
        throw new OperatorError(`account ${known.accountId} is named ${name} already: ${hint}`);
      }
      const { accountId } = await api.post<ListedAccount>('/admin/accounts', { name });
      const made = fill(api, accountId, deposits, given);
      const { balances, key } = await made.catch((error: unknown) => {
        if (!(error instanceof OperatorError)) throw error;
        throw new OperatorError(`account ${accountId} is made, but ${error.message}`);
      });
      return {
        answer: { accountId, name, balances, ...key },
        lines: [`account  ${accountId}`, ...balances.map(lineOfBalance), ...linesOfNewKey(key)],
      };
    },
  },
  deposit: {
    usage: 'ACCOUNT ASSET=QUANTITY …',
    help: 'credit an account, named by its id or its name',
    words: [2, Number.POSITIVE_INFINITY],
    options: [],
    async run(api, { words: [account = '', ...texts] }) {
      const deposits = parseDeposits(texts);
      const { accountId } = await findAccount(api, account);
      const balances = await deposit(api, accountId, deposits, randomUUID());
      return { answer: { accountId, balances }, lines: balances.map(lineOfBalance) };
    },
  },
  list: {
    usage: '',
    help: 'the accounts, by id',
    words: [0, 0],
    options: [],
    async run(api) {
      const accounts = await api.get<ListedAccount[]>('/admin/accounts');
      const lines = accounts.map(({ accountId, name }) => `${String(accountId).padEnd(8)} ${name}`);
      return { answer: accounts, lines: lines.length === 0 ? ['no accounts'] : lines };
    },
  },
};

/** Gives a new account what it is to begin with. */
async function fill(
  api: AdminApi,
  accountId: number,
  deposits: readonly Deposit[],
  given: Given,
): Promise<{ balances: Balance[]; key: NewKey }> {
  const balances = await deposit(api, accountId, deposits, 'at creation');
  return { balances, key: await createKey(api, accountId, given) };
}

await runProgram('account', COMMANDS);
