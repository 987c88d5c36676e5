import { json, type Route } from './route.ts';
import { authenticateQuery, type SignedRequests } from './signed-request.ts';

/** Lists of what the exchange whose API we speak has besides a spot market. */
const PATHS = [
  'borrowLend/markets',
  'collateral',
  'fundingRates',
  'markPrices',
  'openInterest',
  'prediction',
  'securities',
  'wallets',
];

/** Those of an account, and what their requests are signed as. */
const SIGNED_PATHS = {
  'borrowLend/positions': 'borrowLendPositionQuery',
  position: 'positionQuery',
} as const;

/** Nothing is lent here, so nothing secures it. */
const NO_COLLATERAL = {
  assetsValue: '0',
  borrowLiability: '0',
  collateral: [],
  imf: '0',
  liabilitiesValue: '0',
  marginFraction: null,
  mmf: '0',
  netEquity: '0',
  netEquityAvailable: '0',
  netEquityLocked: '0',
  netExposureFutures: '0',
  pnlUnrealized: '0',
  unsettledEquity: '0',
};

/**
 * What a spot venue does not have, perpetuals, loans and other products: empty lists, so that clients which ask in
 * passing learn that there are none.
 */
export function absentProductRoutes(dependencies: SignedRequests): Route[] {
  const route = (name: string, handle: Route['handle']): Route => ({
    method: 'get',
    path: `/api/v1/${name}`,
    handle,
  });
  const signed = (name: string, instruction: string, content: unknown): Route =>
    route(name, async (request) => {
      await authenticateQuery(dependencies, request, instruction);
      return json(content);
    });
  return [
    ...PATHS.map((name) => route(name, () => json([]))),
    ...Object.entries(SIGNED_PATHS).map(([name, instruction]) => signed(name, instruction, [])),
    signed('capital/collateral', 'collateralQuery', NO_COLLATERAL),
  ];
}
