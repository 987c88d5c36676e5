import { cutTo, type Paint, paintFor, type TextOutput } from './ansi.ts';
import { formatCount, formatDuration, formatElapsed } from './format.ts';
import type { LiveProgress, LiveView } from './live-progress.ts';
import { sparkline } from './sparkline.ts';

/** An update that is no later than this after the last one shown is not shown: eyes are slower. */
const REDRAW_PAUSE_MS = 100;
/** How often an output that is no terminal gets a line. */
const LINE_PAUSE_MS = 5_000;
const BAR_COLUMNS = 24;
const SPARKLINE_COLUMNS = 40;
const SPARKLINE_STEP_MS = 1_000;
const TERMINAL_COLUMNS = 80;

/** A view that is redrawn in place on a terminal, and a line every few seconds elsewhere. */
export function makeLiveView(
  output: TextOutput,
  environment: Readonly<Record<string, string | undefined>>,
): LiveView {
  return output.isTTY === true
    ? new TerminalView(output, paintFor(output, environment))
    : new LineView(output);
}

class TerminalView implements LiveView {
  readonly #output: TextOutput;
  readonly #paint: Paint;
  /** Of the phase that is shown; one value a step. */
  #p99s: (number | undefined)[] = [];
  #shown: LiveProgress | undefined;
  #linesOnScreen = 0;

  constructor(output: TextOutput, paint: Paint) {
    this.#output = output;
    this.#paint = paint;
  }

  update(progress: LiveProgress): void {
    const isNew = isNewPhase(this.#shown, progress);
    if (!isNew && progress.elapsedMs - this.#shown!.elapsedMs < REDRAW_PAUSE_MS) return;
    if (isNew) this.#p99s = [];
    this.#shown = progress;
    this.#p99s[Math.floor(progress.elapsedMs / SPARKLINE_STEP_MS)] = progress.ackP99Us;
    const columns = (this.#output.columns ?? TERMINAL_COLUMNS) - 1;
    const lines = this.#lines(progress).map((line) => `\x1b[2K${cutTo(line, columns)}\n`);
    this.#output.write(`${this.#toTop()}${lines.join('')}`);
    this.#linesOnScreen = lines.length;
  }

  end(): void {
    this.#output.write(`${this.#toTop()}\x1b[J`);
    this.#linesOnScreen = 0;
  }

  #toTop(): string {
    return this.#linesOnScreen === 0 ? '' : `\x1b[${this.#linesOnScreen}A\r`;
  }

  #lines(progress: LiveProgress): string[] {
    const paint = this.#paint;
    const { refusedPerSecond, lateSends, databaseLagEvents } = progress;
    const refused = `${formatCount(refusedPerSecond)} refused/s`;
    const late = `${formatCount(lateSends)} late sends`;
    const p99s = Array.from(this.#p99s).slice(-SPARKLINE_COLUMNS);
    return [
      `${paint('bold', progress.scenario)}  ${progress.phase}  ${progressBar(progress)}  ${timeText(progress)}`,
      [
        `rate   ${formatCount(progress.acknowledgedPerSecond)}/s acknowledged`,
        `${formatCount(progress.sentPerSecond)} sent`,
        `${formatCount(progress.intendedPerSecond)} intended`,
        refusedPerSecond > 0 ? paint('yellow', refused) : refused,
      ].join('  '),
      `ack    ${latencyText(progress)}`,
      `       ${paint('dim', 'p99')} ${sparkline(p99s)}`,
      [
        `lag    ${lateSends > 0 ? paint('red', late) : late}`,
        ...(databaseLagEvents === undefined
          ? []
          : [`database ${formatCount(databaseLagEvents)} events behind`]),
      ].join('  '),
    ];
  }
}

class LineView implements LiveView {
  readonly #output: TextOutput;
  #shown: LiveProgress | undefined;

  constructor(output: TextOutput) {
    this.#output = output;
  }

  update(progress: LiveProgress): void {
    const isDue =
      isNewPhase(this.#shown, progress) ||
      progress.elapsedMs - this.#shown!.elapsedMs >= LINE_PAUSE_MS;
    if (!isDue) return;
    this.#shown = progress;
    const { databaseLagEvents } = progress;
    const facts = [
      `${progress.scenario} ${progress.phase} ${timeText(progress)}`,
      `${formatCount(progress.acknowledgedPerSecond)} of ${formatCount(progress.intendedPerSecond)}/s acknowledged`,
      `${formatCount(progress.refusedPerSecond)} refused/s`,
      `ack ${latencyText(progress)}`,
      `${formatCount(progress.lateSends)} late sends`,
      ...(databaseLagEvents === undefined ? [] : [`lag ${formatCount(databaseLagEvents)} events`]),
    ];
    this.#output.write(`${facts.join(', ')}\n`);
  }

  end(): void {}
}

function isNewPhase(shown: LiveProgress | undefined, progress: LiveProgress): boolean {
  return shown?.scenario !== progress.scenario || shown.phase !== progress.phase;
}

function progressBar({ elapsedMs, totalMs }: LiveProgress): string {
  const share = totalMs > 0 ? Math.min(elapsedMs / totalMs, 1) : 0;
  const full = Math.floor(share * BAR_COLUMNS);
  return '█'.repeat(full) + '░'.repeat(BAR_COLUMNS - full);
}

function timeText({ elapsedMs, totalMs }: LiveProgress): string {
  const elapsed = formatElapsed(elapsedMs);
  return totalMs > 0 ? `${elapsed} of ${formatElapsed(totalMs)}` : elapsed;
}

function latencyText({ ackP50Us, ackP99Us, ackMaxUs }: LiveProgress): string {
  const known = (us: number | undefined) => (us === undefined ? '–' : formatDuration(us));
  return `p50 ${known(ackP50Us)}  p99 ${known(ackP99Us)}  max ${known(ackMaxUs)}`;
}
