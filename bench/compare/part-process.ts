import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { INLINING_OPTION } from '../../engine/shard/inlining.ts';
import type { PartMessage, PartRequest, SliceTime } from '../gate/messages.ts';
import type { Counter } from '../gate/part.ts';
import { commandOn } from './processors.ts';

/** Where in a built tree the process of a part begins. */
export const RUN_PART = 'dist/bench/gate/run-part.js';

/** Far above what any part takes to load, warm up, or do a slice. */
const ANSWER_TIME_LIMIT_MS = 120_000;
const STDERR_CHARACTERS_KEPT = 2000;

/** A part that cannot be measured: its process ended, said nothing in time, or does not know the part. */
export class PartFailure extends Error {
  override name = 'PartFailure';
}

export interface PartOptions {
  readonly name: string;
  readonly nodeOptions: readonly string[];
  /** Of processor time. */
  readonly warmUpMs: number;
  /** The only one it may run on, see processors.ts; any when null. */
  readonly processor: number | null;
}

/** What a part's process says once it is warm. */
export type ReadyPart = Extract<PartMessage, { type: 'ready' }>;

/** The process of one part of one built tree. Its node is this one, and its options are the same for every tree. */
export class PartProcess {
  readonly #child: ChildProcess;
  readonly #name: string;
  #answer: ((message: PartMessage) => void) | null = null;
  #unasked: PartMessage | null = null;
  #fail: (failure: PartFailure) => void = () => {};
  #failure: PartFailure | null = null;
  #stderr = '';

  /** @param root of the built tree */
  constructor(root: string, { name, nodeOptions, warmUpMs, processor }: PartOptions) {
    this.#name = name;
    this.#child = fork(join(root, RUN_PART), [name, String(warmUpMs)], {
      cwd: root,
      ...commandOn(processor, [INLINING_OPTION, ...nodeOptions]),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_CHARACTERS_KEPT);
    });
    this.#child.on('message', (message: PartMessage) => {
      const answer = this.#answer;
      this.#answer = null;
      if (answer === null) this.#unasked = message;
      else answer(message);
    });
    this.#child.once('error', (error) => this.#end(error.message));
    this.#child.once('close', (code, signal) =>
      this.#end(`ended with ${signal ?? `code ${code}`}`),
    );
  }

  /** @throws PartFailure when it does not come to be warm */
  async ready(): Promise<ReadyPart> {
    const message = await this.#next();
    if (message.type === 'ready') return message;
    throw new PartFailure(`there is no part ${this.#name}`);
  }

  /** @throws PartFailure */
  async slice(): Promise<SliceTime> {
    const message = await this.#ask('slice');
    if (message.type === 'slice') return message;
    throw new PartFailure(`${this.#name} answered ${message.type} for a slice`);
  }

  /** Ends the process; answers what its last slice did. @throws PartFailure */
  async end(): Promise<readonly Counter[]> {
    const message = await this.#ask('end');
    this.kill();
    if (message.type === 'end') return message.counters;
    throw new PartFailure(`${this.#name} answered ${message.type} at the end`);
  }

  /** At once, whatever it does. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #ask(request: PartRequest): Promise<PartMessage> {
    const answer = this.#next();
    if (this.#failure === null) this.#child.send(request, () => {});
    return answer;
  }

  async #next(): Promise<PartMessage> {
    if (this.#failure !== null) throw this.#failure;
    const unasked = this.#unasked;
    this.#unasked = null;
    if (unasked !== null) return unasked;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<PartMessage>((resolve, reject) => {
        this.#answer = resolve;
        this.#fail = reject;
        timer = setTimeout(() => {
          reject(
            new PartFailure(`${this.#name} said nothing for ${ANSWER_TIME_LIMIT_MS / 1000} s`),
          );
          this.kill();
        }, ANSWER_TIME_LIMIT_MS);
      });
    } finally {
      clearTimeout(timer);
    }
  }

  #end(how: string): void {
    const told = lastWords(this.#stderr);
    this.#failure ??= new PartFailure(`${this.#name} ${how}${told === '' ? '' : `: ${told}`}`);
    this.#fail(this.#failure);
  }
}

/** The line of an error's output that names it. */
function lastWords(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  return (
    lines.findLast((line) => /^(?:\w*Error|\w*Failure)\b/.test(line)) ??
    lines.filter(Boolean).at(-1) ??
    ''
  );
}
