import type { GeneratorProgress } from '../generator/messages.ts';
import { LatencyCounts } from '../histogram/latency-counts.ts';
import type { LivePhase, LiveView } from '../report/live-progress.ts';

const UPDATE_MS = 500;
/** Rates and percentiles are over so many updates. */
const WINDOW = 2;

interface Window {
  sent: number;
  acknowledged: number;
  refused: number;
  readonly ack: LatencyCounts;
}

/** Tells the live view where a scenario is, twice a second. */
export class LiveTeller {
  readonly #view: LiveView;
  readonly #scenario: string;
  readonly #windows: Window[] = [];
  readonly #timer: NodeJS.Timeout;
  #current = newWindow();
  #phase: LivePhase = 'set-up';
  #phaseStartMs = performance.now();
  #phaseTotalMs = 0;
  #intendedPerSecond: (elapsedMs: number) => number = () => 0;
  #lateSends = 0;
  databaseLagEvents: number | undefined;

  constructor(view: LiveView, scenario: string) {
    this.#view = view;
    this.#scenario = scenario;
    this.#timer = setInterval(() => this.#update(), UPDATE_MS);
    this.#update();
  }

  /** @param totalMs 0 when nobody knows */
  enter(
    phase: LivePhase,
    totalMs: number,
    intendedPerSecond: (elapsedMs: number) => number = () => 0,
  ): void {
    this.#phase = phase;
    this.#phaseStartMs = performance.now();
    this.#phaseTotalMs = totalMs;
    this.#intendedPerSecond = intendedPerSecond;
    this.#update();
  }

  add(progress: GeneratorProgress): void {
    this.#lateSends += progress.lateSends;
    for (const { sent, acknowledged, refused, ack } of progress.seconds) {
      this.#current.sent += sent;
      this.#current.acknowledged += acknowledged;
      this.#current.refused += refused;
      this.#current.ack.add(ack);
    }
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #update(): void {
    this.#windows.push(this.#current);
    this.#current = newWindow();
    if (this.#windows.length > WINDOW) this.#windows.shift();
    const seconds = (WINDOW * UPDATE_MS) / 1000;
    const ack = new LatencyCounts();
    for (const window of this.#windows) ack.add(window.ack.toSparse());
    const sum = (of: (window: Window) => number): number =>
      this.#windows.reduce((total, window) => total + of(window), 0) / seconds;
    const elapsedMs = performance.now() - this.#phaseStartMs;
    this.#view.update({
      scenario: this.#scenario,
      phase: this.#phase,
      elapsedMs,
      totalMs: this.#phaseTotalMs,
      intendedPerSecond: this.#intendedPerSecond(elapsedMs),
      sentPerSecond: sum((window) => window.sent),
      acknowledgedPerSecond: sum((window) => window.acknowledged),
      refusedPerSecond: sum((window) => window.refused),
      ...(ack.count === 0
        ? {}
        : {
            ackP50Us: ack.percentileUs(50),
            ackP99Us: ack.percentileUs(99),
            ackMaxUs: ack.maxUs,
          }),
      lateSends: this.#lateSends,
      ...(this.databaseLagEvents === undefined
        ? {}
        : { databaseLagEvents: this.databaseLagEvents }),
    });
  }
}

function newWindow(): Window {
  return { sent: 0, acknowledged: 0, refused: 0, ack: new LatencyCounts() };
}
