import type { TradeList } from '../replay/trade-list.ts';
import type { Checks } from '../suite.ts';
import type { CommandFlow } from '../workloads/command-flow.ts';
import { HeardTrades } from './heard-trades.ts';
import { encodeFlow, LoneVenue } from './lone-venue.ts';
import type { TradeDigest } from './trade-digest.ts';

/**
 * One shard in this thread after a whole flow, its trades held to those that the flow's own book made; and the
 * digest of what it said, which a venue behind rings must say as well. To be called when nothing is timed any
 * more: a second use of the shard's code, with other outputs, makes it a little slower.
 *
 * @param what names the flow in the checks
 */
export function runChecked(
  flow: CommandFlow,
  trades: TradeList,
  what: string,
  checks: Checks,
): { venue: LoneVenue; digest: TradeDigest } {
  const venue = new LoneVenue(flow);
  const heard = new HeardTrades();
  venue.applyFrames(encodeFlow(flow), heard.take);
  const difference = heard.byClientId().differenceFrom(trades);
  checks.equal(`${what}: the trades are those of the book alone`, difference, '');
  checks.expect(`${what}: there were trades`, trades.count > 0);
  checks.expect(`${what}: every asset adds up to the unit`, venue.isAudited());
  return { venue, digest: heard.digest };
}
