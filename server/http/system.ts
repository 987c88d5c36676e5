import { json, type Route, text } from './route.ts';

/** For somebody who opens the printed URL in a browser. */
const WELCOME = `Ringside is running.

  /api/v1/markets                          what is listed
  /api/v1/tickers                          how it trades
  /api/v1/depth?symbol=SOL_USDC&limit=5    one book
  /api/v1/trades?symbol=SOL_USDC&limit=5   its last trades
  ws://<this host>/ws                      live streams and order entry
  /docs                                    the whole API, from /openapi.json and /asyncapi.json

The README has a session to paste: an account, a deposit, an order.
`;

interface SystemParts {
  /** The clock that signed requests are held to: clients that have none of their own ask for it. */
  readonly hostMs: () => number;
  /** False while the venue takes no orders. */
  readonly accepting: () => boolean;
  /** Symbols of the markets whose shard is down. */
  readonly haltedMarkets: () => readonly string[];
}

/** The venue's clock and state. */
export function systemRoutes(parts: SystemParts): Route[] {
  const { hostMs, accepting, haltedMarkets } = parts;
  return [
    { method: 'get', path: '/', handle: () => text(WELCOME) },
    {
      method: 'get',
      path: '/api/v1/time',
      handle: () => text(String(hostMs())),
    },
    { method: 'get', path: '/api/v1/ping', handle: () => text('pong') },
    {
      method: 'get',
      path: '/api/v1/status',
      handle() {
        const halted = haltedMarkets();
        const message = halted.length === 0 ? null : `Halted: ${halted.join(', ')}`;
        return json({ message, status: accepting() ? 'Ok' : 'Maintenance' });
      },
    },
  ];
}
