import type { RequestCounts } from '../result/run-result.ts';
import type { Finding } from './check.ts';

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
