import { type ChildProcess, fork } from 'node:child_process';
import { type KeyPair, secretOf } from '../client/signing.ts';
import type { Recorder, ToldToAccounts } from './audit-input.ts';
import type { StreamFindings } from './stream-findings.ts';
import type { AccountsHeard, VenueAddresses } from './stream-recorder.ts';

/** What the recorder's process is told. */
export type ToRecorder =
  | {
      readonly type: 'start';
      readonly addresses: VenueAddresses;
      readonly symbols: readonly string[];
    }
  | {
      readonly type: 'accounts';
      readonly keys: readonly { readonly apiKey: string; readonly secret: string }[];
      readonly how: AccountsHeard;
    }
  | { readonly type: 'measure'; readonly fromEpochMs: number; readonly toEpochMs: number }
  | { readonly type: 'finish'; readonly told: ToldToAccounts };

/** What the recorder's process tells. */
export type RecorderMessage =
  /** It listens to what it was told to. */
  | { readonly type: 'ready' }
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'finished'; readonly findings: StreamFindings };

/** A `StreamRecorder` in a process of its own, so that it takes no time from who makes the load. */
export class RecorderProcess implements Recorder {
  readonly #child: ChildProcess;
  readonly #findings: Promise<StreamFindings>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#findings = new Promise<StreamFindings>((resolve) => {
      child.on('message', (message: RecorderMessage) => {
        if (message.type === 'finished') resolve(message.findings);
      });
      child.once('exit', (code, signal) => {
        resolve({ incomplete: `its process ended (${code ?? signal})`, markets: [] });
      });
    });
  }

  /** Resolves when it listens to the markets' streams; rejects when it cannot. */
  static async start(
    addresses: VenueAddresses,
    symbols: readonly string[],
  ): Promise<RecorderProcess> {
    const child = fork(new URL('./recorder-main.js', import.meta.url), {
      execArgv: [],
      // Typed arrays travel as bytes, not as text.
      serialization: 'advanced',
    });
    const recorder = new RecorderProcess(child);
    await recorder.#listening({ type: 'start', addresses, symbols });
    return recorder;
  }

  /** Resolves when it listens to the accounts' private streams as well; rejects when it cannot. */
  listenTo(keys: readonly KeyPair[], how: AccountsHeard): Promise<void> {
    const sent = keys.map((pair) => ({ apiKey: pair.apiKey, secret: secretOf(pair) }));
    return this.#listening({ type: 'accounts', keys: sent, how });
  }

  /** The measured part, in ms of the epoch. */
  measure(fromEpochMs: number, toEpochMs: number): void {
    this.#send({ type: 'measure', fromEpochMs, toEpochMs });
  }

  async finish(
    told: ToldToAccounts = { trades: [], placed: [], isWhole: false },
  ): Promise<StreamFindings> {
    this.#send({ type: 'finish', told });
    return this.#findings;
  }

  /** Ends it, whatever it has heard: of a run that is broken off. */
  kill(): void {
    this.#child.kill();
  }

  #send(message: ToRecorder): void {
    if (this.#child.connected) this.#child.send(message);
  }

  async #listening(message: ToRecorder): Promise<void> {
    const child = this.#child;
    await new Promise<void>((resolve, reject) => {
      const ended = (): void => reject(new Error('the recorder ended before it listened'));
      child.once('error', reject);
      child.once('exit', ended);
      child.once('message', (answer: RecorderMessage) => {
        child.off('error', reject);
        child.off('exit', ended);
        if (answer.type === 'ready') resolve();
        else reject(new Error(answer.type === 'refused' ? answer.reason : 'out of turn'));
      });
      this.#send(message);
    });
  }
}
