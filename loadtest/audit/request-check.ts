import type { RequestCounts } from '../result/run-result.ts';
import type { FillsOfReplies } from './audit-input.ts';
import { counted, type Finding, findingOf } from './check.ts';

/** No request was answered twice, and no reply came that nobody had asked for. */
export function checkReplies(counts: RequestCounts, strayReplies: number): Finding {
  const { acknowledged, refused } = counts;
  const replies = acknowledged + Object.values(refused).reduce((sum, count) => sum + count, 0);
  return strayReplies === 0
    ? {
        holds: true,
        detail: `${replies.toLocaleString('en-US')} replies, each to a request that was under way`,
      }
    : {
        holds: false,
        detail: `${strayReplies} replies besides ${replies} are second ones, or to no request of their connection`,
      };
}

/** What a reply says was executed of its order is what its fills come to. */
export function checkExecuted(fills: FillsOfReplies): Finding {
  const { ordersCompared, wrongOrderCount, wrongOrders } = fills;
  const more = wrongOrderCount > wrongOrders.length ? [`${wrongOrderCount} in all`] : [];
  return findingOf(
    [...wrongOrders.slice(0, 4), ...more],
    `quantity and worth of ${counted(ordersCompared, 'order')} that took`,
  );
}

/** Every request that was sent ended in exactly one way. */
export function checkRequests({ sent, acknowledged, refused, unknown }: RequestCounts): Finding {
  const codes = Object.entries(refused).sort(([, a], [, b]) => b - a);
  const refusals = codes.reduce((sum, [, count]) => sum + count, 0);
  const text = (count: number): string => count.toLocaleString('en-US');
  const named = codes.map(([code, count]) => `${code} ${text(count)}`).join(', ');
  const ended = acknowledged + refusals + unknown;
  const detail =
    `${text(sent)} sent ${ended === sent ? '=' : 'is not'} ${text(acknowledged)} acknowledged` +
    ` + ${text(refusals)} refused${named === '' ? '' : ` (${named})`} + ${text(unknown)} unknown`;
  return { holds: ended === sent, detail };
}
