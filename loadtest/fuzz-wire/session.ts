import { Random } from '../random.ts';
import type { Expectations } from './canaries.ts';
import { isRefused } from './expectation.ts';
import { makeCase } from './make-case.ts';
import { shrinkFrame } from './shrink.ts';
import type { KnownThings } from './valid-requests.ts';
import { type Answers, describeCase, type WireCase } from './wire-case.ts';
import type { WireVenue } from './wire-venue.ts';

/** The state is compared after so much of what was refused. */
const STATE_CHECK_SHARE = 0.3;
const AUDIT_EVERY = 500;
const ORDER_IDS_KEPT = 40;

/** What a run has found out. */
export interface Failure {
  readonly seed: number;
  /** Of the case within the run, from 0. */
  readonly index: number;
  readonly what: string;
  /** Null when it is the venue as a whole. */
  readonly wireCase: WireCase | null;
}

/** How often what was sent and answered. */
export interface Counts {
  cases: number;
  refused: number;
  stateChecks: number;
  readonly byAnswer: Map<string, number>;
}

/** Sends one seeded case after another to a venue and holds its answers and its state to expectations. */
export class FuzzSession {
  readonly counts: Counts = { cases: 0, refused: 0, stateChecks: 0, byAnswer: new Map() };
  readonly #venue: WireVenue;
  readonly #expectations: Expectations;
  readonly #seed: number;
  readonly #random: Random;
  readonly #known: KnownThings & { orderIds: string[] };
  /** The state when it was last known; null when something has changed since. */
  #state: string | null = null;

  constructor(venue: WireVenue, expectations: Expectations, seed: number) {
    this.#venue = venue;
    this.#expectations = expectations;
    this.#seed = seed;
    this.#random = new Random(seed);
    this.#known = { keyPair: venue.keyPair, orderIds: [...venue.foreignOrderIds] };
  }

  /** Runs while `goOn` says so; answers the first failure, or null. */
  async run(goOn: () => boolean): Promise<Failure | null> {
    while (goOn()) {
      const index = this.counts.cases++;
      const wireCase = makeCase(this.#random, this.#known);
      const what = await this.#check(wireCase);
      if (what !== null) return this.#failure(index, what, wireCase);
      if (this.counts.cases % AUDIT_EVERY > 0) continue;
      const trouble = await this.#venue.findTrouble();
      if (trouble !== null) return this.#failure(index, trouble, null);
    }
    const trouble = await this.#venue.findTrouble();
    return trouble === null ? null : this.#failure(this.counts.cases - 1, trouble, null);
  }

  async #check(wireCase: WireCase): Promise<string | null> {
    const chosen = this.#random.chance(STATE_CHECK_SHARE);
    if (chosen) this.#state ??= await this.#venue.state();
    let answers: Answers;
    try {
      answers = await this.#venue.send(wireCase);
    } catch (error) {
      return (error as Error).message;
    }
    this.#count(wireCase, answers);
    this.#learn(answers);
    const wrong = this.#expectations.judge(wireCase, answers);
    if (wrong !== null) return wrong;
    if (this.#expectations.mayChange(answers)) {
      this.#state = null;
    } else if (chosen) {
      this.counts.stateChecks++;
      if ((await this.#venue.state()) !== this.#state) return 'the state has changed';
    }
    return null;
  }

  #count({ channel }: WireCase, answers: Answers): void {
    if (isRefused(answers)) this.counts.refused++;
    const name = `${channel} ${nameOf(answers)}`;
    const { byAnswer } = this.counts;
    byAnswer.set(name, (byAnswer.get(name) ?? 0) + 1);
  }

  /** Orders that came to be, for later requests to name. */
  #learn({ frames, http }: Answers): void {
    const bodies =
      http?.status === 200 ? [http.text] : frames.map((frame) => JSON.stringify(frame));
    const { orderIds } = this.#known;
    for (const body of bodies) {
      for (const [, id] of body.matchAll(/"id":"(\d+)"/g)) orderIds.push(id!);
    }
    orderIds.splice(0, orderIds.length - ORDER_IDS_KEPT);
  }

  async #failure(index: number, what: string, wireCase: WireCase | null): Promise<Failure> {
    const seed = this.#seed;
    if (wireCase === null || !('bytes' in wireCase)) return { seed, index, what, wireCase };
    const { judge } = this.#expectations;
    const shrunk = await shrinkFrame(wireCase, async (shorter) => {
      const answers = await this.#venue.send(shorter).catch(() => null);
      return answers !== null && judge(shorter, answers) === what;
    });
    return { seed, index, what, wireCase: shrunk };
  }
}

function nameOf({ frames, closed, http }: Answers): string {
  if (http !== null) return `${http.status} ${/"code":"(\w+)"/.exec(http.text)?.[1] ?? ''}`;
  if (closed !== null) return `closed ${closed.code}`;
  const [frame] = frames;
  if (frame === undefined) return 'silence';
  const { code } = (frame.error ?? {}) as { code?: unknown };
  return `${frame.status ?? ''} ${code ?? 'result'}`;
}

/** A failure with all that is needed to see it again. */
export function describeFailure({ seed, index, what, wireCase }: Failure): string {
  const sent = wireCase === null ? '' : `\n  sent: ${describeCase(wireCase)}`;
  return `seed ${seed}, case ${index}: ${what}${sent}\n  again: make fuzz-wire SEED=${seed}`;
}
