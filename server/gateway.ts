import { DepthHeartbeat } from '../engine/protocol/commands.ts';
import { Side } from '../engine/protocol/enums.ts';
import { homeShardOfMarket } from '../engine/protocol/sharding.ts';
import type { Topology } from '../engine/ring/topology.ts';
import type { ProjectionQueries } from '../persistence/queries.ts';
import type { Writer } from '../persistence/writer-client.ts';
import { AccountPositions } from './account/account-positions.ts';
import { HistoryGate } from './account/history-gate.ts';
import type { DatabaseStatus, HaltedShard } from './admin/venue-status.ts';
import { ApiKeys } from './auth/api-keys.ts';
import { Authenticator } from './auth/authenticate.ts';
import { SignatureChecks } from './auth/signature-checks.ts';
import { CLOCKS, nowUs } from './clock.ts';
import { EngineClient } from './engine/engine-client.ts';
import type { EngineListener } from './engine/event-loop.ts';
import { CompositeFanOut } from './fanout/composite-fan-out.ts';
import type { FanOut } from './fanout/fan-out.ts';
import { LocalFanOut } from './fanout/local-fan-out.ts';
import { connectRedis } from './fanout/redis-connection.ts';
import { RedisFanOut } from './fanout/redis-fan-out.ts';
import { absentProductRoutes } from './http/absent-products.ts';
import { accountRoutes } from './http/account.ts';
import { limitRoutes } from './http/account-limits.ts';
import { AllowedOrigins } from './http/allowed-origins.ts';
import { assetRoutes } from './http/assets.ts';
import { cancelAllAfterRoutes } from './http/cancel-all-after.ts';
import { capitalRoutes } from './http/capital.ts';
import { depthRoutes } from './http/depth.ts';
import { documentRoutes } from './http/documents.ts';
import { historyRoutes } from './http/history.ts';
import { HttpServer } from './http/http-server.ts';
import { klineRoutes } from './http/klines.ts';
import { KILL_SWITCH, marketRoutes } from './http/markets.ts';
import { orderRoutes } from './http/order.ts';
import { ordersRoutes } from './http/orders.ts';
import { publicTradeRoutes } from './http/public-trades.ts';
import type { Route } from './http/route.ts';
import { systemRoutes } from './http/system.ts';
import { tickerRoutes } from './http/tickers.ts';
import { transferRoutes } from './http/transfers.ts';
import { Connections } from './limits/connections.ts';
import { GatewayLoad } from './limits/gateway-load.ts';
import { DEFAULT_LIMITS, type LimitSettings } from './limits/limit-settings.ts';
import { Limits } from './limits/limits.ts';
import { LoadShedder } from './limits/load-shedder.ts';
import { LoadWatch } from './limits/load-watch.ts';
import type { Log } from './log.ts';
import type { UntilStored } from './market-data/kline-series.ts';
import { AGGREGATES_INTERVAL_MS, MarketData } from './market-data/market-data.ts';
import { OrderGateway } from './orders/order-gateway.ts';
import type { ReferencePrices } from './orders/reference-prices.ts';
import { klineSource, olderTradeSource } from './projection-reads.ts';
import { makeProtections, type Protections } from './protection/protections.ts';
import { completePasts } from './recovery/complete-pasts.ts';
import { learnState } from './recovery/learn-state.ts';
import { AccountDirectory } from './registry/account-directory.ts';
import { Registry } from './registry/registry.ts';
import type { AcknowledgementLevel } from './ws/replies.ts';
import { WebsocketServer } from './ws/websocket.ts';

const TICKER_INTERVAL_MS = 1000;
/** A quiet market's heartbeat is due after 100 ms; it may be this much late. */
const HEARTBEAT_CHECK_INTERVAL_MS = 25;

/** How long a question of the public past waits for rows that are not there yet. */
const STORED_WAIT_MS = 1000;

/** What places new orders over REST: refused before a signature is checked when the venue is overloaded or stops. */
const ORDER_PATHS: ReadonlySet<string> = new Set(['/api/v1/order', '/api/v1/orders']);

interface GatewayOptions {
  readonly topology: Topology;
  readonly queries: ProjectionQueries;
  /** Says how far the rows are. */
  readonly projection: Pick<Writer, 'reach'>;
  /** Null: public frames stay in the process. */
  readonly redisUrl: string | null;
  /** What replies to orders say. */
  readonly acknowledgement: AcknowledgementLevel;
  /** Whether the venue takes orders. */
  readonly isTaking: () => boolean;
  /** Shards that have failed and do not run; none by default. */
  readonly haltedShards?: () => readonly HaltedShard[];
  /** How long a start waits for the projection; see `learnState`. */
  readonly projectionTimeoutMs?: number;
  /** The defaults unless given. */
  readonly limits?: LimitSettings;
  readonly log: Log;
}

/** Everything of the gateway thread that serves the public: made, not yet listening. */
export interface Gateway {
  readonly engine: EngineClient;
  readonly registry: Registry;
  readonly accounts: AccountDirectory;
  readonly apiKeys: ApiKeys;
  readonly signatureChecks: SignatureChecks;
  readonly marketData: MarketData;
  readonly orders: OrderGateway;
  readonly http: HttpServer;
  readonly websocket: WebsocketServer;
  /** Null without Redis. */
  readonly redis: RedisFanOut | null;
  readonly fanOut: FanOut;
  /** For health and metrics. */
  readonly load: GatewayLoad;
  readonly protections: Protections;
  /**
   * Starts hearing the engine and learns what was before; to be awaited before anybody is served.
   *
   * @param database how far the projection is: the trades of the past come from there
   * @throws StartError see `learnState`
   */
  start(
    database: () => DatabaseStatus,
    signal?: Pick<AbortSignal, 'throwIfAborted'>,
  ): Promise<void>;
  /** Stops the periodic work. */
  stopTimers(): void;
}

export function makeGateway(options: GatewayOptions): Gateway {
  const { topology, log } = options;
  const registry = new Registry();
  const settings = options.limits ?? DEFAULT_LIMITS;
  const limits = new Limits(settings);
  const shedder = new LoadShedder(settings);
  const origins = new AllowedOrigins(settings.allowedOrigins);
  const isOrder = ({ method, path }: Route) => method === 'post' && ORDER_PATHS.has(path);
  const refuse = (route: Route) => (isOrder(route) && orders.refuseNewOrder()) || null;
  const http = new HttpServer({ log, refuse, limits, origins });
  const connections = new Connections(limits);
  connections.watch(http.app);
  const redis =
    options.redisUrl === null ? null : new RedisFanOut(connectRedis(options.redisUrl, log));
  const local = new LocalFanOut({
    publish: (topic, frame) => websocket.publish(topic, frame),
    numSubscribers: (topic) => websocket.numSubscribers(topic),
  });
  const fanOut = redis === null ? local : new CompositeFanOut([local, redis]);
  const ownerOf = (marketId: number): number => homeShardOfMarket(marketId, topology.shardCount);
  const sequenceOf = (marketId: number): number => engine.lastSequence(ownerOf(marketId));
  const marketData = new MarketData({ registry, fanOut, nowUs, sequenceOf });
  const accounts = new AccountDirectory();
  const apiKeys = new ApiKeys();
  const signatureChecks = new SignatureChecks();
  const authenticator = new Authenticator(apiKeys, CLOCKS, signatureChecks);

  const listener: EngineListener = {
    // The admin server makes a listing visible, once every shard knows it.
    onAssetListed() {},
    onMarketListed() {},
    onMarketStateChanged() {},
    onAccountCreated: (event) => accounts.add(event.accountId, event.name),
    onApiKeyCreated: (event) => apiKeys.add(event),
    onApiKeyRevoked({ publicKey }) {
      apiKeys.revoke(publicKey);
      websocket.onApiKeyRevoked(publicKey);
    },
    onAllowedAddressesSet(event) {
      const key = apiKeys.setAllowedAddresses(event);
      websocket.onAllowedAddressesSet(key.publicKey, key.allowedAddresses);
    },
    onFundsMoved(event) {
      positions.note(event.accountId);
      websocket.onBalance(event);
    },
    onBalanceChanged: (event) => websocket.onBalance(event),
    onOrderEvent(event) {
      positions.note(event.accountId);
      websocket.onOrderEvent(event);
    },
    onTrade: (event) => marketData.onTrade(event),
    onBookDelta: (event) => marketData.onBookDelta(event),
    onBatchEnd: () => websocket.onBatchEnd(),
  };
  const engine = new EngineClient(topology, listener);
  const positions = new AccountPositions(topology.shardCount, (shard) =>
    engine.lastSequence(shard),
  );
  const prices = referencePrices(marketData);
  const orders = new OrderGateway(engine, registry, prices, shedder);
  const watch = new LoadWatch(engine, shedder);
  const protections = makeProtections(engine, log);
  const websocket = new WebsocketServer({
    app: http.app,
    registry,
    authenticator,
    gateway: orders,
    protections,
    acknowledgement: options.acknowledgement,
    journaledUs: () => engine.journaledUs,
    onSubscribed(stream, market) {
      marketData.onSubscribed(market.marketId, stream);
    },
    ...{ limits, origins },
    clientAddressOf: (response, request) => http.clientAddressOf(response, request),
    onDisconnected: () => connections.websocketClosed(),
  });
  const haltReasonOf = (marketId: number): string | null => {
    const owner = ownerOf(marketId);
    const failed = options.haltedShards?.().find(({ shard }) => shard === owner);
    if (failed !== undefined) return failed.code;
    return protections.killSwitches.stopsMarket(marketId) ? KILL_SWITCH : null;
  };
  const haltedMarkets = (): string[] => {
    const halted = registry.markets.filter(({ marketId }) => haltReasonOf(marketId) !== null);
    return halted.map(({ symbol }) => symbol);
  };
  let databaseStatus: (() => DatabaseStatus) | null = null;
  const { queries, projection } = options;
  const untilStored: UntilStored = async (marketId, sequence) => {
    if (databaseStatus === null) return false;
    const shard = ownerOf(marketId);
    const { positions, connected } = databaseStatus();
    if (positions[shard]! >= sequence) return true;
    // Anybody may ask: nobody waits for a database that is away.
    return connected && (await projection.reach(shard, sequence, STORED_WAIT_MS)) === 'reached';
  };
  const history = new HistoryGate({ source: queries.accountHistory, positions, projection });
  const signed = { authenticator, gateway: orders, registry, history, prices };
  http.serve([
    ...documentRoutes(),
    ...systemRoutes({ hostMs: CLOCKS.hostMs, accepting: options.isTaking, haltedMarkets }),
    ...assetRoutes({ registry }),
    ...marketRoutes({ registry, haltReasonOf }),
    ...tickerRoutes({ registry, marketData }),
    ...depthRoutes({ registry, marketData, nowUs }),
    ...publicTradeRoutes({
      registry,
      marketData,
      olderTrades: olderTradeSource(options.queries, registry),
      untilStored,
    }),
    ...klineRoutes({
      registry,
      marketData,
      stored: klineSource(options.queries),
      untilStored,
      nowUs,
    }),
    ...orderRoutes(signed),
    ...ordersRoutes(signed),
    ...capitalRoutes(signed),
    ...historyRoutes(signed),
    ...transferRoutes({ ...signed, killSwitches: protections.killSwitches }),
    ...accountRoutes(signed),
    ...limitRoutes(signed),
    ...absentProductRoutes(signed),
    ...cancelAllAfterRoutes({ ...signed, cancelTimers: protections.cancelTimers }),
  ]);
  const stopPublishing = startTimers(engine, marketData);
  let stopCompleting = (): void => {};
  const load = new GatewayLoad({ limits, connections, shedder, websocket, signatureChecks });
  const known = { registry, accounts, apiKeys, marketData };
  const start: Gateway['start'] = async (database, signal) => {
    databaseStatus = database;
    engine.start(true);
    const { queries, projectionTimeoutMs } = options;
    const sources = { engine, queries, database, projectionTimeoutMs };
    const { learnLatch, learnTimer } = protections;
    const learning = { ...known, ...sources, learnLatch, learnTimer };
    const incomplete = await learnState({ ...learning, log, signal });
    positions.begin();
    await protections.begin();
    if (incomplete.length > 0)
      stopCompleting = completePasts({ ...known, ...sources, log }, incomplete);
  };
  const stopTimers = (): void => {
    stopPublishing();
    stopCompleting();
    watch.stop();
    protections.stop();
  };
  return {
    ...{ ...known, signatureChecks, protections },
    ...{ engine, orders, http, websocket, redis, fanOut, load, start, stopTimers },
  };
}

function startTimers(engine: EngineClient, marketData: MarketData): () => void {
  const tickers = setInterval(() => marketData.publishTickers(), TICKER_INTERVAL_MS);
  const aggregates = setInterval(() => marketData.publishAggregates(), AGGREGATES_INTERVAL_MS);
  const heartbeats = setInterval(() => {
    for (const marketId of marketData.heartbeatsDue(nowUs())) {
      // A full ring means that the market is not quiet.
      engine.tell(DepthHeartbeat, { marketId }, homeShardOfMarket(marketId, engine.shardCount));
    }
  }, HEARTBEAT_CHECK_INTERVAL_MS);
  return () => {
    clearInterval(tickers);
    clearInterval(aggregates);
    clearInterval(heartbeats);
  };
}

function referencePrices(marketData: MarketData): ReferencePrices {
  return {
    referencePriceTicks(marketId, side) {
      const last = marketData.lastPriceTicks(marketId);
      if (last !== null) return last;
      const { bids, asks } = marketData.book(marketId);
      return side === Side.Bid ? asks.bestPriceTicks : bids.bestPriceTicks;
    },
  };
}
