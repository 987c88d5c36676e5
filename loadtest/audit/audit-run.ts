import type { AuditReport } from '../client/admin-client.ts';
import { awaitQuiescence } from '../client/at-rest.ts';
import { awaitProjection } from '../client/database-lag.ts';
import type { AuditCheck, AuditResult } from '../result/run-result.ts';
import { checkAccounts } from './account-checks.ts';
import type { AuditedVenue, AuditInput } from './audit-input.ts';
import { checkCandles } from './candle-check.ts';
import { check, counted } from './check.ts';
import { checkRows } from './database-checks.ts';
import { checkMoney } from './money-checks.ts';
import { checkOpenOrders, isKnown } from './open-orders-check.ts';
import { checkExecuted, checkReplies, checkRequests } from './request-check.ts';
import { checkStreams } from './stream-checks.ts';
import type { StreamFindings } from './stream-findings.ts';

const DATABASE_TIMEOUT_MS = 60_000;

/**
 * Holds a venue at rest against what a run did and was told. Whatever is wrong is a check that does not hold, and so is
 * what could not be decided; what cannot be asked of this venue is left out and said. Throws nothing.
 */
export async function auditRun(input: AuditInput): Promise<AuditResult> {
  const { venue, accounts } = input;
  const requests = await checksOfRequests(input);
  const { checks: atRest, report } = await checksAtRest(venue);
  const streams = await heard(input);
  const checks = [
    ...requests,
    ...atRest,
    ...(await checkStreams(streams)),
    ...(streams.accounts === undefined ? [] : await checkAccounts(streams.accounts, input)),
    ...(report === undefined ? [] : await checkMoney(input, report)),
    ...(await checksOfDatabase(input, streams)),
  ];
  if (accounts.some(isKnown)) {
    checks.push(await check('open orders are those told', () => checkOpenOrders(venue, accounts)));
  }
  const leftOut = whatIsLeftOut(input);
  const clean = checks.every(({ holds }) => holds);
  return { clean, checks, ...(leftOut.length === 0 ? {} : { leftOut }) };
}

async function checksOfRequests(input: AuditInput) {
  const { counts, accounts, strayReplies, fillsOfReplies } = input;
  const checks: AuditCheck[] = [];
  // Who only listens has nothing to answer for.
  if (accounts.length > 0) {
    checks.push(await check('every request ended in one way', () => checkRequests(counts)));
  }
  if (strayReplies !== undefined) {
    checks.push(
      await check('each request was answered at most once', () =>
        checkReplies(counts, strayReplies),
      ),
    );
  }
  if (fillsOfReplies !== undefined) {
    checks.push(
      await check('fills of each reply are what it says was executed', () =>
        checkExecuted(fillsOfReplies),
      ),
    );
  }
  return checks;
}

async function checksAtRest({ admin }: AuditedVenue): Promise<{
  readonly checks: readonly AuditCheck[];
  readonly report?: AuditReport;
}> {
  if (admin === undefined) return { checks: [] };
  let report: AuditReport | undefined;
  const atRest = await check('the venue came to rest', async () => {
    report = await awaitQuiescence(admin);
    return { holds: true, detail: 'nothing is under way between its shards' };
  });
  return { checks: [atRest], ...(report === undefined ? {} : { report }) };
}

async function checksOfDatabase(input: AuditInput, streams: StreamFindings) {
  const { admin, databaseUrl, isShared } = input.venue;
  const timeoutMs = input.databaseTimeoutMs ?? DATABASE_TIMEOUT_MS;
  const checks: AuditCheck[] = [];
  if (admin !== undefined) {
    const caughtUp = await check('the database has caught up', async () => {
      const { events, untilZeroMs } = await awaitProjection(admin, timeoutMs);
      return {
        holds: true,
        detail: `${counted(events, 'event')} behind, none after ${Math.round(untilZeroMs)} ms`,
      };
    });
    checks.push(caughtUp);
  }
  if (databaseUrl !== undefined) checks.push(...(await checkRows(input, databaseUrl, streams)));
  if (isShared !== true) {
    checks.push(
      await check('candles add up to the trades', () => checkCandles(input, streams, timeoutMs)),
    );
  }
  return checks;
}

async function heard({ recorder, toldToAccounts }: AuditInput): Promise<StreamFindings> {
  try {
    return await recorder.finish(toldToAccounts);
  } catch (error) {
    return { incomplete: (error as Error).message, markets: [] };
  }
}

/** What no check looks at of that which was told. */
function notReadOf(hasRows: boolean): string[] {
  return [
    'Of replies without fills only the id, the status code and the times were read: what they say of their order was not checked.',
    'Depth levels below the best were held against the engine once a second and at rest: one that was wrong in between was not found.',
    'Times in events were not checked.',
    ...(hasRows ? [] : ['Prices, sides and order ids of trades were not held against rows.']),
  ];
}

function whatIsLeftOut(input: AuditInput): string[] {
  const { venue, accounts, counts, toldToAccounts, fillsOfReplies } = input;
  const sentences: string[] = [];
  if (venue.admin === undefined) {
    sentences.push('Without its admin API the venue cannot be asked whether its money adds up.');
  }
  if (venue.databaseUrl === undefined) {
    const candles = venue.isShared === true ? '' : ', only its candles';
    sentences.push(`Without the address of its database no rows were counted${candles}.`);
  }
  if (venue.isShared === true) {
    sentences.push('Others may trade on the venue: its totals were not held against the run’s.');
  }
  if (venue.hasOthersInMarkets === true && accounts.length > 0) {
    sentences.push(
      'Others may trade in the markets: an order that should rest and does not may be filled, which was not checked.',
    );
  }
  if (counts.orders > 0 && toldToAccounts === undefined) {
    sentences.push(
      'Private streams were not listened to: that each fill is told once to both its parties, and balances that change by the fills told, was not checked (--private-streams yes, or the scenario private-streams).',
    );
  }
  if (counts.orders > 0) sentences.push(...notReadOf(venue.databaseUrl !== undefined));
  if (fillsOfReplies === undefined && counts.orders > 0) {
    sentences.push('Fills of replies were counted, not held against the rows one by one.');
  }
  if (fillsOfReplies !== undefined && counts.unknown > 0) {
    sentences.push(
      `${counts.unknown} requests were not answered, and may have traded: fills of replies were not held against the rows.`,
    );
  }
  const unheard = accounts.filter((account) => !isKnown(account)).length;
  if (unheard > 0) {
    sentences.push(
      `Which orders are open was not known for certain of ${unheard} of ${accounts.length} accounts.`,
    );
  }
  const known = accounts.flatMap(({ openOrders }) =>
    openOrders === undefined ? [] : [openOrders],
  );
  if (known.some(({ mayBeTaken }) => mayBeTaken)) {
    sentences.push('Orders at the touch may be taken: whether they are open was not checked.');
  }
  const inDoubt = known.reduce((sum, orders) => sum + orders.inDoubt, 0);
  if (inDoubt > 0) {
    sentences.push(
      `Whether ${inDoubt} orders are open was not checked: a request for them was refused or not answered.`,
    );
  }
  return sentences;
}
