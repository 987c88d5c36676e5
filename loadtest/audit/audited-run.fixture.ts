import { setTimeout as delay } from 'node:timers/promises';
import { AdminClient } from '../client/admin-client.ts';
import { generateKeyPair, type KeyPair } from '../client/signing.ts';
import type { VenueProcess } from '../client/venue-process.ts';
import { type Reply, WsClient } from '../client/ws-client.ts';
import { ReplyFills, type ToldTrade } from '../generator/reply-fills.ts';
import { Random } from '../random.ts';
import type { RequestCounts } from '../result/run-result.ts';
import type {
  AuditedAccount,
  AuditedDeposit,
  AuditedVenue,
  AuditInput,
  FillsOfReplies,
  ToldToAccounts,
  ToldTrades,
} from './audit-input.ts';
import { readBaseline } from './baseline.ts';
import { RecorderProcess } from './recorder-process.ts';

const ROUNDS = 150;
const ACCOUNTS = 4;
const SYMBOLS = ['AAA_USD', 'BBB_USD'];
const SEED = 7;
/** Of bids that nobody meets, sent at the end on the first market. */
const LAST_PRICES = ['60', '50'] as const;
/** Of the first of these. */
export const LAST_CLIENT_ID = 4_000_000_001;
const OVER = new Set(['Filled', 'Cancelled', 'Expired']);

interface WireOrder {
  readonly id: string;
  readonly status: string;
  readonly executedQuantity: string;
  readonly executedQuoteQuantity: string;
  readonly symbol: string;
  readonly fills?: readonly ToldTrade[];
}

/** One account of the run: what it sends, and all that it is told. */
class Account {
  readonly accountId: number;
  readonly keyPair: KeyPair;
  readonly #client: WsClient;
  /** By order id. */
  readonly status = new Map<string, string>();
  ordersAcknowledged = 0;
  cancelsAcknowledged = 0;
  takerFills = 0;
  makerFills = 0;
  readonly #told: Told;

  constructor(accountId: number, keyPair: KeyPair, client: WsClient, told: Told) {
    this.#told = told;
    this.accountId = accountId;
    this.keyPair = keyPair;
    this.#client = client;
  }

  get open(): string[] {
    return [...this.status].filter(([, status]) => !OVER.has(status)).map(([id]) => id);
  }

  async listen(): Promise<void> {
    await this.#client.login(this.keyPair);
    const hear = (data: Record<string, unknown>): void => {
      this.status.set(String(data.i), String(data.X));
      if (data.t !== null && data.t !== undefined && data.m === true) this.makerFills++;
    };
    await this.#client.subscribe(['account.orderUpdate'], hear, this.keyPair);
  }

  async ask(method: string, params: unknown): Promise<Reply<WireOrder>> {
    const reply = await this.#client.request<WireOrder>(method, params);
    if (reply.result === undefined) return reply;
    const { id, status, fills = [] } = reply.result;
    if (method === 'order.place') this.ordersAcknowledged++;
    if (method === 'order.cancel') this.cancelsAcknowledged++;
    this.status.set(id, status);
    this.takerFills += fills.length;
    if (fills.length > 0) this.#told.take(reply.result, method === 'order.place');
    return reply;
  }

  /** What the private stream still has to say, it has said before this. */
  async close(): Promise<void> {
    await this.#client.request('order.query', {});
    await this.#client.close();
  }
}

/** What the replies of all accounts told of their fills. */
class Told {
  readonly #fills = new ReplyFills(SYMBOLS.length);
  readonly #tradeIds: readonly number[][] = SYMBOLS.map(() => []);

  take(order: WireOrder, isNew: boolean): void {
    const market = SYMBOLS.indexOf(order.symbol);
    this.#fills.take(market, order, order.fills!, isNew);
    this.#tradeIds[market]!.push(...order.fills!.map(({ tradeId }) => tradeId));
  }

  get fillsOfReplies(): FillsOfReplies {
    const { sums, ...counts } = this.#fills.told;
    return { ...counts, sums: new Map(SYMBOLS.map((symbol, market) => [symbol, sums[market]!])) };
  }

  get trades(): ToldTrades[] {
    return SYMBOLS.map((symbol, market) => ({
      symbol,
      tradeIds: Float64Array.from(this.#tradeIds[market]!),
    }));
  }
}

/** Lists two markets, trades a little on both and answers what an audit is to be given. */
export async function auditedRun(process: VenueProcess): Promise<{
  readonly input: AuditInput;
  readonly frames: readonly Buffer[];
  readonly told: ToldToAccounts;
}> {
  const { url, adminUrl } = process.ready;
  const admin = new AdminClient(adminUrl, process.adminToken);
  const venue: AuditedVenue = { url, admin, databaseUrl: process.databaseUrl! };
  const symbols = SYMBOLS;
  const told = new Told();
  await admin.createAsset('USD', 6);
  for (const symbol of symbols) {
    const baseSymbol = symbol.slice(0, 3);
    await admin.createAsset(baseSymbol, 4);
    const limits = { maxQuantity: '100000', maxPrice: '1000' };
    const terms = { tickSize: '0.01', stepSize: '0.001', makerFeeBps: 1, takerFeeBps: 2 };
    await admin.listMarket({ symbol, baseSymbol, quoteSymbol: 'USD', ...limits, ...terms });
  }
  // Of another run: only what comes after the baseline is this one's.
  await admin.deposit(await admin.createAccount('before'), 'before', 'USD', '77.5');
  const before = await readBaseline(venue, symbols);
  const recorder = await RecorderProcess.start({ url }, symbols);
  const frames: Buffer[] = [];
  const witness = await WsClient.connect(url, 'json');
  witness.setFrameHandler((frame) => {
    if (!frame.includes(`"stream":"depth.${symbols[0]}"`)) return false;
    frames.push(Buffer.from(frame));
    return true;
  });
  await witness.subscribe([`depth.${symbols[0]}`], () => {});
  const deposits: AuditedDeposit[] = [];
  const accounts: Account[] = [];
  for (let index = 0; index < ACCOUNTS; index++) {
    const accountId = await admin.createAccount(`account ${index}`);
    const keyPair = generateKeyPair();
    await admin.createKey(accountId, keyPair.apiKey);
    for (const asset of ['USD', 'AAA', 'BBB']) {
      const quantity = '1000000.25';
      await admin.deposit(accountId, asset, asset, quantity);
      deposits.push({ asset, quantity });
    }
    const account = new Account(accountId, keyPair, await WsClient.connect(url), told);
    await account.listen();
    accounts.push(account);
  }
  const keys = accounts.map(({ keyPair }) => keyPair);
  await recorder.listenTo(keys, { sharesClock: true, hasOthersInMarkets: false });
  const counts = await trade(accounts, symbols);
  for (const account of accounts) await account.close();
  while (!frames.at(-1)!.includes(`"${LAST_PRICES.at(-1)}.00"`)) await delay(5);
  await witness.close();
  const sum = (of: (account: Account) => number): number =>
    accounts.reduce((total, account) => total + of(account), 0);
  const input: AuditInput = {
    ...{ venue, before, counts, deposits, recorder, strayReplies: 0 },
    fillsOfReplies: told.fillsOfReplies,
    fillsTold: { taker: sum((one) => one.takerFills), maker: sum((one) => one.makerFills) },
    accounts: accounts.map((account): AuditedAccount => {
      const { accountId, keyPair, ordersAcknowledged, cancelsAcknowledged, open } = account;
      const counts = { ordersAcknowledged, cancelsAcknowledged, unknown: 0 };
      return { accountId, keyPair, ...counts, openOrderIds: open };
    }),
  };
  return { input, frames, told: { trades: told.trades, placed: [], isWhole: true } };
}

/** Orders that rest, orders that take, cancels, replaces, and some that are refused. */
async function trade(
  accounts: readonly Account[],
  symbols: readonly string[],
): Promise<RequestCounts> {
  const random = new Random(SEED);
  const refused: Record<string, number> = {};
  const sent = { orders: 0, cancels: 0, replaces: 0 };
  let acknowledged = 0;
  const note = ({ status, error }: Reply): void => {
    if (status === 200) acknowledged++;
    else refused[error!.code] = (refused[error!.code] ?? 0) + 1;
  };
  for (let round = 0; round < ROUNDS; round++) {
    const account = accounts[random.integer(0, accounts.length - 1)]!;
    const symbol = symbols[random.integer(0, symbols.length - 1)]!;
    const side = random.integer(0, 1) === 0 ? 'Bid' : 'Ask';
    const price = `${100 + random.integer(-3, 3)}`;
    // Some bids are worth more than anybody has.
    const isBeyond = side === 'Bid' && random.integer(0, 6) === 0;
    const quantity = isBeyond ? '20000' : `${random.integer(1, 40) / 1000}`;
    sent.orders++;
    const order = { symbol, side, orderType: 'Limit', price, quantity };
    const reply = await account.ask('order.place', order);
    note(reply);
    const orderId = reply.result?.id;
    const kind = random.integer(0, 3);
    if (orderId === undefined || kind > 1) continue;
    if (kind === 0) {
      sent.cancels++;
      note(await account.ask('order.cancel', { symbol, orderId }));
    } else {
      sent.replaces++;
      const worse = side === 'Bid' ? '99.5' : '100.5';
      note(await account.ask('order.replace', { symbol, orderId, price: worse, quantity }));
    }
  }
  for (const [index, price] of LAST_PRICES.entries()) {
    const order = { symbol: symbols[0]!, side: 'Bid', orderType: 'Limit', quantity: '0.5' };
    sent.orders++;
    note(
      await accounts[0]!.ask('order.place', { ...order, price, clientId: LAST_CLIENT_ID + index }),
    );
  }
  const total = sent.orders + sent.cancels + sent.replaces;
  const none = { unknown: 0, fills: 0, marketDataFrames: 0 };
  return { sent: total, acknowledged, refused, ...none, ...sent };
}
