import { json, type Route, text } from './route.ts';

/** The venue's clock and state. `accepting` is false while the venue takes no orders. */
export function systemRoutes(parts: { nowUs: () => number; accepting: () => boolean }): Route[] {
  const { nowUs, accepting } = parts;
  return [
    {
      method: 'get',
      path: '/api/v1/time',
      handle: () => text(String(Math.floor(nowUs() / 1000))),
    },
    { method: 'get', path: '/api/v1/ping', handle: () => text('pong') },
    {
      method: 'get',
      path: '/api/v1/status',
      handle: () => json({ message: null, status: accepting() ? 'Ok' : 'Maintenance' }),
    },
  ];
}
