import { type ChildProcess, fork } from 'node:child_process';
import type { Recorder } from './audit-input.ts';
import type { StreamFindings } from './stream-findings.ts';

/** What the recorder's process tells. */
export type RecorderMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'finished'; readonly findings: StreamFindings };

/** A `StreamRecorder` in a process of its own, so that it takes no time from who makes the load. */
export class RecorderProcess implements Recorder {
  readonly #child: ChildProcess;
  readonly #findings: Promise<StreamFindings>;

  private constructor(child: ChildProcess, findings: Promise<StreamFindings>) {
    this.#child = child;
    this.#findings = findings;
  }

  /** Resolves when it listens to the markets' streams; rejects when it cannot. */
  static async start(url: string, symbols: readonly string[]): Promise<RecorderProcess> {
    const child = fork(new URL('./recorder-main.js', import.meta.url), {
      execArgv: [],
      env: { ...process.env, RECORDER_URL: url, RECORDER_SYMBOLS: symbols.join(',') },
    });
    const findings = new Promise<StreamFindings>((resolve) => {
      child.on('message', (message: RecorderMessage) => {
        if (message.type === 'finished') resolve(message.findings);
      });
      child.once('exit', (code, signal) => {
        resolve({ incomplete: `its process ended (${code ?? signal})`, markets: [] });
      });
    });
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => reject(new Error('the recorder ended before it listened')));
      child.once('message', (message: RecorderMessage) => {
        if (message.type === 'ready') resolve();
        else reject(new Error(message.type === 'refused' ? message.reason : 'out of turn'));
      });
    });
    return new RecorderProcess(child, findings);
  }

  async finish(): Promise<StreamFindings> {
    if (this.#child.connected) this.#child.send('finish');
    return this.#findings;
  }

  /** Ends it, whatever it has heard: of a run that is broken off. */
  kill(): void {
    this.#child.kill();
  }
}
