import { requestJson } from './http-json.ts';

export interface MarketListing {
  readonly symbol: string;
  readonly baseSymbol: string;
  readonly quoteSymbol: string;
  readonly tickSize: string;
  readonly stepSize: string;
  readonly minQuantity?: string;
  readonly maxQuantity?: string;
  readonly minPrice?: string;
  readonly maxPrice?: string;
  readonly makerFeeBps?: number;
  readonly takerFeeBps?: number;
  /** In the quote asset. */
  readonly minNotional?: string;
  readonly priceBandBps?: number;
}

/** The balance after a transfer, as decimal strings. */
export interface TransferAnswer {
  readonly asset: string;
  readonly available: string;
  readonly locked: string;
}

interface AuditLine {
  readonly asset: string;
  readonly available: string;
  readonly locked: string;
  readonly fees: string;
  readonly inFlight: string;
  readonly deposits: string;
  readonly withdrawals: string;
  readonly balanced: boolean;
}

export interface AuditReport {
  readonly balanced: boolean;
  /** Nothing was under way between shards while the sums were taken. */
  readonly quiescent: boolean;
  readonly assets: readonly AuditLine[];
}

interface ShardState {
  readonly shard: number;
  /** Last recorded event of the shard. */
  readonly sequence: number;
  readonly stateHash: string;
  /** Last event of the shard whose rows are committed in the database. */
  readonly projectionPosition: number;
}

export interface MarketState {
  readonly symbol: string;
  readonly updateId: number;
  readonly bookHash: string;
  readonly marketHash: string;
}

export interface VenueState {
  readonly shards: readonly ShardState[];
  readonly markets: readonly MarketState[];
  readonly databaseUrl?: string;
}

/** What `/health/ready` says of a venue that is. */
export interface Health {
  readonly status: string;
  readonly components: {
    readonly shards: {
      readonly running: number;
      /** How often a shard has failed and come back. */
      readonly restarts: number;
      readonly halted: readonly { readonly shard: number; readonly code: string }[];
    };
    readonly database: {
      readonly connected: boolean;
      readonly failed: boolean;
      readonly error: string | null;
      readonly refusedEvents: number;
    };
  };
}

/** The venue's admin port. Every creation may be repeated: the first answer comes again. */
export class AdminClient {
  readonly #baseUrl: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(baseUrl: string, token: string) {
    this.#baseUrl = baseUrl;
    this.#headers = { Authorization: `Bearer ${token}` };
  }

  createAsset(symbol: string, decimals: number): Promise<{ readonly assetId: number }> {
    return this.#post('/admin/assets', { symbol, decimals });
  }

  listMarket(listing: MarketListing): Promise<{ readonly marketId: number }> {
    return this.#post('/admin/markets', listing);
  }

  setMarketState(
    symbol: string,
    orderBookState: 'Open' | 'PostOnly' | 'CancelOnly' | 'Closed',
  ): Promise<unknown> {
    return this.#post(`/admin/markets/${symbol}/state`, { orderBookState });
  }

  /** The id of the account with this name. */
  async createAccount(name: string): Promise<number> {
    const answer = await this.#post<{ accountId: number }>('/admin/accounts', { name });
    return answer.accountId;
  }

  /** Registers a public key (base64 of 32 bytes) for the account. */
  createKey(accountId: number, publicKey: string): Promise<unknown> {
    return this.#post(`/admin/accounts/${accountId}/keys`, { publicKey });
  }

  /** Credits `quantity` (decimal string). The same `id` again changes nothing and hears the first answer. */
  deposit(accountId: number, id: string, asset: string, quantity: string): Promise<TransferAnswer> {
    return this.#post(`/admin/accounts/${accountId}/deposits`, { id, asset, quantity });
  }

  /** The same for money that leaves. */
  withdraw(
    accountId: number,
    id: string,
    asset: string,
    quantity: string,
  ): Promise<TransferAnswer> {
    return this.#post(`/admin/accounts/${accountId}/withdrawals`, { id, asset, quantity });
  }

  audit(): Promise<AuditReport> {
    return this.#get('/admin/audit');
  }

  state(): Promise<VenueState> {
    return this.#get('/admin/state');
  }

  /** What the venue says of itself, as Prometheus text. */
  metrics(): Promise<string> {
    return this.#get('/metrics');
  }

  /** Resolves when the venue says that it is ready to trade; throws its refusal else. */
  ready(): Promise<Health> {
    return this.#get('/health/ready');
  }

  /** What the venue says of its parts, ready or not. */
  async health(): Promise<Health> {
    const response = await fetch(`${this.#baseUrl}/health/ready`, { headers: this.#headers });
    return (await response.json()) as Health;
  }

  #get<Answer>(path: string): Promise<Answer> {
    return requestJson('GET', this.#baseUrl + path, this.#headers);
  }

  #post<Answer>(path: string, body: unknown): Promise<Answer> {
    return requestJson('POST', this.#baseUrl + path, this.#headers, body);
  }
}
