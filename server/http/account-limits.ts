import type { Static } from 'typebox';
import { bidLockUnits } from '../../engine/ledger/fees.ts';
import { formatDecimal } from '../../engine/protocol/decimal.ts';
import { Side } from '../../engine/protocol/enums.ts';
import { ApiError } from '../api-error.ts';
import type { OrderGateway } from '../orders/order-gateway.ts';
import { protectionPriceTicks, type ReferencePrices } from '../orders/reference-prices.ts';
import { PRICE_FIELD, readAmount, readMarket } from '../orders/request-fields.ts';
import type { Asset, Market, Registry } from '../registry/registry.ts';
import { ASSET_QUERY, MAX_ORDER_QUERY, MAX_WITHDRAWAL_QUERY } from '../schemas/account.ts';
import { queryReader } from './query-reader.ts';
import { json, type Route } from './route.ts';
import { authenticateQuery, type SignedRequests } from './signed-request.ts';

export interface LimitRoutesDependencies extends SignedRequests {
  readonly gateway: OrderGateway;
  readonly registry: Registry;
  readonly prices: ReferencePrices;
}

const FLAGS = ['autoBorrow', 'autoBorrowRepay', 'autoLendRedeem', 'reduceOnly'] as const;
const FLAG_TEXTS = Object.fromEntries(
  FLAGS.map((name) => [
    name,
    `failed to parse parameter \`${name}\`: failed to parse "boolean": Expect a valid enumeration value.`,
  ]),
);
const readOrderQuery = queryReader(MAX_ORDER_QUERY, FLAG_TEXTS);
const readBorrowQuery = queryReader(ASSET_QUERY);
const readWithdrawalQuery = queryReader(MAX_WITHDRAWAL_QUERY, FLAG_TEXTS);

/** `/api/v1/account/limits`: how much an account could order, borrow or withdraw now. */
export function limitRoutes(dependencies: LimitRoutesDependencies): Route[] {
  const { registry, gateway } = dependencies;
  const route = (
    name: string,
    instruction: string,
    answer: (query: string, accountId: number) => Promise<object>,
  ): Route => ({
    method: 'get',
    path: `/api/v1/account/limits/${name}`,
    handle: async (request) => {
      const { grant } = await authenticateQuery(dependencies, request, instruction);
      return json(await answer(request.query, grant.key.accountId));
    },
  });
  return [
    route('order', 'maxOrderQuantity', (query, accountId) =>
      maxOrder(dependencies, readOrderQuery(query), accountId),
    ),
    route('borrow', 'maxBorrowQuantity', async (query) => {
      const { symbol } = assetParameter(readBorrowQuery(query), registry);
      return { maxBorrowQuantity: '0', symbol };
    }),
    route('withdrawal', 'maxWithdrawalQuantity', async (query, accountId) => {
      const parameters = readWithdrawalQuery(query);
      const asset = assetParameter(parameters, registry);
      const available = await availableUnits(gateway, accountId, asset);
      return {
        ...flags(parameters, ['autoBorrow', 'autoLendRedeem']),
        maxWithdrawalQuantity: formatDecimal(available, asset.scale),
        symbol: asset.symbol,
      };
    }),
  ];
}

/** Without a `price`, of a market order: a bid is paid for at the worst price it may have. */
async function maxOrder(
  { registry, gateway, prices }: LimitRoutesDependencies,
  parameters: Static<typeof MAX_ORDER_QUERY>,
  accountId: number,
): Promise<object> {
  const { symbol, side: sideName, price } = parameters;
  const market = readMarket(symbol, registry);
  if (market instanceof ApiError) throw market;
  const side = sideName === 'Bid' ? Side.Bid : Side.Ask;
  const ticks =
    price === undefined
      ? protectionPriceTicks(market, side, 0, prices)
      : readAmount(price, market.priceScale, PRICE_FIELD);
  if (ticks instanceof ApiError) throw ticks;
  const asset = side === Side.Bid ? market.quote : market.base;
  const available = await availableUnits(gateway, accountId, asset);
  const lots =
    side === Side.Bid ? lotsToBid(available, ticks, market) : lotsToAsk(available, market);
  const { minQuantityLots, maxQuantityLots } = market.spec;
  const allowed = lots < minQuantityLots ? 0 : Math.min(lots, maxQuantityLots);
  return {
    ...flags(parameters, FLAGS),
    maxOrderQuantity: formatDecimal(allowed, market.quantityScale),
    price: price === undefined ? null : formatDecimal(ticks, market.priceScale),
    side: sideName,
    symbol: market.symbol,
  };
}

/** The most lots that can be paid for at a price, fees included. */
export function lotsToBid(available: number, priceTicks: number, { spec }: Market): number {
  const { quoteUnitsPerTickLot, makerFeeBps, takerFeeBps } = spec;
  const lotUnits = priceTicks * quoteUnitsPerTickLot;
  const rateBps = Math.max(makerFeeBps, takerFeeBps);
  const isPaid = (lots: number): boolean => bidLockUnits(lots * lotUnits, rateBps, 0) <= available;
  let lots = Math.floor(available / (lotUnits * (1 + rateBps / 10_000)));
  while (lots > 0 && !isPaid(lots)) lots--;
  while (isPaid(lots + 1)) lots++;
  return lots;
}

function lotsToAsk(available: number, { spec }: Market): number {
  return Math.floor(available / spec.baseUnitsPerLot);
}

async function availableUnits(
  gateway: OrderGateway,
  accountId: number,
  { assetId }: Asset,
): Promise<number> {
  const balances = await gateway.balances(accountId);
  return balances.find((balance) => balance.assetId === assetId)?.availableUnits ?? 0;
}

function assetParameter({ symbol }: { symbol: string }, registry: Registry): Asset {
  const asset = registry.assetBySymbol(symbol);
  if (asset === undefined) throw new ApiError(400, 'INVALID_ASSET', 'Invalid asset');
  return asset;
}

/** What the client said of lending, which is not done here, said back; null where it said nothing. */
function flags<Name extends string>(
  parameters: Readonly<Partial<Record<Name, 'true' | 'false'>>>,
  names: readonly Name[],
): Record<string, unknown> {
  return Object.fromEntries(
    names.map((name) => {
      const value = parameters[name];
      return [name, value === undefined ? null : value === 'true'];
    }),
  );
}
