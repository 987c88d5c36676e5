import type { Random } from '../../engine/collections/random.ts';
import type { KnownCounters } from '../gate/known-counters.ts';
import type { Counter, Part } from '../gate/part.ts';
import { median } from '../suite.ts';
import { type CounterChange, changesOf } from './counter-changes.ts';
import {
  type Measure,
  type Pair,
  type PairWork,
  type Roots,
  runPair,
  type Side,
  SideFailure,
} from './pair.ts';
import { shuffled } from './shuffled.ts';
import type { Estimate } from './signed-rank.ts';
import { Trial, type Verdict } from './verdict.ts';

/** What a part's process is started with. */
export type MeasuredPart = Pick<Part, 'name'> & { readonly nodeOptions?: readonly string[] };

/** How a part is judged. */
export interface PartRule {
  /** A share: 0.05 for 5 %. */
  readonly threshold: number;
  readonly measure: Measure;
}

/** `counted`: nothing of the part is timed. `not comparable`: a side could not run it, or not the same; `failure` says why. */
export type PartVerdict = Verdict | 'counted' | 'not comparable';

export interface PartOutcome {
  readonly part: string;
  readonly verdict: PartVerdict;
  readonly rule: PartRule;
  readonly operation: string;
  /** Of head over base; null when nothing was timed. */
  readonly ratio: Estimate | null;
  readonly nanoseconds: Readonly<Record<Side, number>> | null;
  /** Of each measure, in the order they came. */
  readonly logRatios: Readonly<Record<Measure, readonly number[]>>;
  readonly isSuspected: boolean;
  readonly counters: readonly Counter[];
  readonly changes: readonly CounterChange[];
  readonly failure: { readonly side: Side; readonly message: string } | null;
}

export interface ComparisonOptions extends Omit<PairWork, 'part'> {
  /** Nothing is begun that would not end before it, as of `performance.now()`. */
  readonly deadlineMs: number;
  readonly random: Random;
  /** Of the head. */
  readonly known: KnownCounters;
  /**
   * Whether the base runs benchmarks of its own: then other work is no finding, and what does other work is not
   * judged.
   */
  readonly isBaseOnItsOwn: boolean;
  ruleOf(part: string): PartRule;
  /** Told of every pair. */
  readonly onPair?: (part: string, pair: Pair, verdict: PartVerdict | null) => void;
}

type PartTrialOptions = Pick<ComparisonOptions, 'known' | 'isBaseOnItsOwn'>;

/** One part while it is measured. */
class PartTrial {
  readonly part: MeasuredPart;
  readonly rule: PartRule;
  verdict: PartVerdict | null = null;
  readonly #trial: Trial;
  readonly #options: PartTrialOptions;
  readonly #pairs: Pair[] = [];
  #isOtherWork = false;
  #failure: PartOutcome['failure'] = null;

  constructor(part: MeasuredPart, rule: PartRule, options: PartTrialOptions) {
    this.part = part;
    this.rule = rule;
    this.#trial = new Trial(rule.threshold);
    this.#options = options;
  }

  take(pair: Pair): void {
    const [first] = this.#pairs;
    this.#pairs.push(pair);
    const logRatio = pair.logRatio[this.rule.measure];
    if (Number.isNaN(logRatio)) this.verdict = 'counted';
    else this.verdict = this.#trial.add(logRatio);
    if (first !== undefined) this.#expectSame(first, pair);
    else if (this.#options.isBaseOnItsOwn) this.#expectSameWork(pair);
  }

  /** Two versions of a benchmark may differ in what they do: then neither times nor counters tell of the engine. */
  #expectSameWork({ operations: { base, head }, counters }: Pair): void {
    const exact = (side: Side) => counters[side].filter(({ tolerance }) => tolerance === undefined);
    const other = changesOf(this.part.name, exact('base'), exact('head'), {}).find(
      (change) => change.base !== undefined && change.head !== undefined,
    );
    if (base === head && other === undefined) return;
    this.#isOtherWork = true;
    const what = base === head ? changeText(other!) : `operations were ${base}, are ${head}`;
    this.fail('base', `its own benchmark does other work: ${what}`);
  }

  /** Counters that differ from process to process are no counters. */
  #expectSame(first: Pair, pair: Pair): void {
    for (const side of ['base', 'head'] as const) {
      const [other] = changesOf(this.part.name, first.counters[side], pair.counters[side], {});
      if (other === undefined) continue;
      const { name, unit, base, head } = other;
      this.fail(side, `${name} (${unit}) is ${base} in one process and ${head} in another`);
    }
  }

  fail(side: Side, message: string): void {
    this.#failure = { side, message };
    this.verdict = 'not comparable';
  }

  outcome(): PartOutcome {
    const pairs = this.#pairs;
    const { measure } = this.rule;
    const verdict = this.verdict ?? this.#trial.conclude();
    const isTimed = verdict !== 'counted' && verdict !== 'not comparable' && pairs.length > 0;
    const counters = pairs[0]?.counters ?? { base: [], head: [] };
    const estimate = isTimed ? this.#trial.estimate : null;
    const nanosecondsOf = (side: Side) =>
      median(pairs.map((pair) => pair.nanoseconds[side][measure]));
    return {
      part: this.part.name,
      verdict,
      rule: this.rule,
      operation: pairs[0]?.operation ?? '',
      ratio: estimate === null ? null : exponentialOf(estimate),
      nanoseconds: isTimed ? { base: nanosecondsOf('base'), head: nanosecondsOf('head') } : null,
      logRatios: {
        cpu: isTimed ? pairs.map(({ logRatio }) => logRatio.cpu) : [],
        wall: isTimed ? pairs.map(({ logRatio }) => logRatio.wall) : [],
      },
      isSuspected: this.#trial.isSuspected,
      counters: counters.head,
      changes: this.#isOtherWork
        ? []
        : changesOf(this.part.name, counters.base, counters.head, this.#options.known),
      failure: this.#failure,
    };
  }
}

/** Of a part that the base has and today's benchmarks have not. */
export function lostPart(name: string): PartOutcome {
  const trial = new PartTrial({ name }, { threshold: 0, measure: 'cpu' }, NOTHING_KNOWN);
  trial.fail('base', 'it has this part, and the benchmarks of the working tree do not');
  return trial.outcome();
}

const NOTHING_KNOWN = { known: {}, isBaseOnItsOwn: false };

function exponentialOf({ value, low, high }: Estimate): Estimate {
  return { value: Math.exp(value), low: Math.exp(low), high: Math.exp(high) };
}

/**
 * Measures parts until each has its verdict or the time is up: pair by pair, the parts in turn and in an order drawn
 * anew each time, so that the pairs of one part are spread over the whole run. Every part gets one pair, whatever the
 * time: its counters are compared in any case.
 *
 * @throws what `stop` was aborted with
 */
export async function compare(
  roots: Roots,
  parts: readonly MeasuredPart[],
  options: ComparisonOptions,
): Promise<PartOutcome[]> {
  const { random, deadlineMs } = options;
  const trials = parts.map((part) => new PartTrial(part, options.ruleOf(part.name), options));
  let slowestPairMs = 0;
  for (let sweep = 0; ; sweep++) {
    const open = shuffled(
      trials.filter(({ verdict }) => verdict === null),
      random,
    );
    if (open.length === 0) break;
    for (const trial of open) {
      const startMs = performance.now();
      if (sweep > 0 && startMs + slowestPairMs > deadlineMs)
        return trials.map((one) => one.outcome());
      await measureOnce(trial, roots, options);
      slowestPairMs = Math.max(slowestPairMs, performance.now() - startMs);
    }
  }
  return trials.map((one) => one.outcome());
}

async function measureOnce(
  trial: PartTrial,
  roots: Roots,
  { turns, warmUpMs, processors, stop, random, onPair }: ComparisonOptions,
): Promise<void> {
  const { name, nodeOptions = [] } = trial.part;
  try {
    const common = { turns, warmUpMs, processors, ...(stop && { stop }) };
    const work = { part: { name, nodeOptions }, ...common };
    const pair = await runPair(roots, work, random);
    trial.take(pair);
    onPair?.(name, pair, trial.verdict);
  } catch (error) {
    stop?.throwIfAborted();
    if (!(error instanceof SideFailure)) throw error;
    trial.fail(error.side, error.message);
  }
}

function changeText({ name, unit, base, head }: CounterChange): string {
  return `${name} (${unit}) was ${base ?? 'absent'}, is ${head ?? 'absent'}`;
}

/** What of the outcomes forbids the change; empty when nothing does. */
export function objectionsTo(outcomes: readonly PartOutcome[]): string[] {
  return outcomes.flatMap(({ part, verdict, changes, failure }) => [
    ...(verdict === 'slower' ? [`${part} is slower`] : []),
    ...(failure?.side === 'head' ? [`${part} does not run: ${failure.message}`] : []),
    ...changes
      .filter(({ isRenewed, isLess }) => !isRenewed && !isLess)
      .map((change) => `${part}: ${changeText(change)}`),
  ]);
}
