import { ConstantSchedule } from './constant.ts';
import { MicroburstSchedule } from './microbursts.ts';
import { PoissonSchedule } from './poisson.ts';
import { RampSchedule } from './ramp.ts';
import { RecordedSchedule } from './recorded.ts';
import { StepsSchedule } from './steps.ts';

/**
 * When requests are to be sent, whatever becomes of them: the arrivals of an open model. A schedule is walked once;
 * the same description yields the same moments every time.
 */
export interface Schedule {
  /**
   * The next intended send, in milliseconds since the start, never less than the one before; Infinity behind the
   * last.
   */
  next(): number;
}

/** A schedule as data, so that it can go to another process. Rates are requests a second. */
export type ScheduleSpec =
  | { readonly kind: 'constant'; readonly rate: number; readonly seconds: number }
  | {
      readonly kind: 'ramp';
      readonly fromRate: number;
      readonly toRate: number;
      readonly seconds: number;
    }
  | { readonly kind: 'steps'; readonly rates: readonly number[]; readonly stepSeconds: number }
  | {
      readonly kind: 'poisson';
      readonly rate: number;
      readonly seconds: number;
      readonly seed: number;
    }
  | {
      readonly kind: 'microbursts';
      /** Between the bursts. */
      readonly rate: number;
      /** Requests of one burst, spread evenly over `burstMs`. */
      readonly burstRequests: number;
      readonly burstMs: number;
      readonly everyMs: number;
      readonly seconds: number;
    }
  | {
      readonly kind: 'recorded';
      /** Ascending, in milliseconds of the recording; the first is sent at the start. */
      readonly timesMs: Float64Array;
      /** 10 sends ten recorded seconds in one. */
      readonly speed: number;
    };

/** The moments of a description, from the start. */
export function scheduleOf(spec: ScheduleSpec): Schedule {
  switch (spec.kind) {
    case 'constant':
      return new ConstantSchedule(spec.rate, spec.seconds);
    case 'ramp':
      return new RampSchedule(spec.fromRate, spec.toRate, spec.seconds);
    case 'steps':
      return new StepsSchedule(spec.rates, spec.stepSeconds);
    case 'poisson':
      return new PoissonSchedule(spec.rate, spec.seconds, spec.seed);
    case 'microbursts':
      return new MicroburstSchedule(spec);
    case 'recorded':
      return new RecordedSchedule(spec.timesMs, spec.speed);
  }
}

/** How long the schedule goes on, in milliseconds. */
export function durationMs(spec: ScheduleSpec): number {
  switch (spec.kind) {
    case 'steps':
      return spec.rates.length * spec.stepSeconds * 1000;
    case 'recorded': {
      const { timesMs, speed } = spec;
      return timesMs.length === 0 ? 0 : (timesMs[timesMs.length - 1]! - timesMs[0]!) / speed;
    }
    default:
      return spec.seconds * 1000;
  }
}

/** The rate at the start, at which a warm-up goes. */
export function initialRate(spec: ScheduleSpec): number {
  switch (spec.kind) {
    case 'ramp':
      return spec.fromRate;
    case 'steps':
      return spec.rates[0] ?? 0;
    case 'recorded':
      return (spec.timesMs.length * 1000) / Math.max(durationMs(spec), 1);
    default:
      return spec.rate;
  }
}

/** Intended sends of each second from the start, the last one begun included; walks the schedule once. */
export function countsPerSecond(spec: ScheduleSpec): number[] {
  const seconds = Math.max(1, Math.ceil(durationMs(spec) / 1000));
  const counts = new Array<number>(seconds).fill(0);
  const schedule = scheduleOf(spec);
  for (let at = schedule.next(); at < Number.POSITIVE_INFINITY; at = schedule.next()) {
    // The last moment of a recording may be the very end of its last second.
    counts[Math.min(Math.floor(at / 1000), seconds - 1)]! += 1;
  }
  return counts;
}
