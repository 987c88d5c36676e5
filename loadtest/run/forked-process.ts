import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process that was forked could not do its part, or ended before it had. */
export class ProcessLost extends Error {
  override name = 'ProcessLost';
}

/** Every process that is forked may say that it failed. */
export interface Failed {
  readonly type: 'failed';
  readonly message: string;
}

/** A process of this run and the messages it exchanges with us. It ends with us. */
export class ForkedProcess<ToChild, FromChild extends { readonly type: string }> {
  readonly #child: ChildProcess;
  readonly #lost: Promise<never>;

  /**
   * @param entry compiled file
   * @param name of its part, for messages
   */
  constructor(entry: URL, name: string) {
    // Typed arrays travel as bytes, not as text.
    this.#child = fork(fileURLToPath(entry), { serialization: 'advanced' });
    const child = this.#child;
    this.#lost = new Promise((_, reject) => {
      const lose = (reason: string): void => reject(new ProcessLost(`${name}: ${reason}`));
      child.on('message', (message: FromChild | Failed) => {
        if (message.type === 'failed') lose((message as Failed).message);
      });
      child.on('error', (error) => lose(error.message));
      child.on('exit', (code, signal) => lose(`ended (${signal ?? code})`));
    });
    this.#lost.catch(() => {});
  }

  send(message: ToChild): void {
    if (this.#child.connected) this.#child.send(message as object);
  }

  /** Calls `use` with every message of a type. */
  on<Type extends FromChild['type']>(
    type: Type,
    use: (message: Extract<FromChild, { readonly type: Type }>) => void,
  ): void {
    this.#child.on('message', (message: FromChild) => {
      if (message.type === type) use(message as Extract<FromChild, { readonly type: Type }>);
    });
  }

  /** The next message of a type; ask before it can come. Rejects with `ProcessLost`. */
  next<Type extends FromChild['type']>(
    type: Type,
  ): Promise<Extract<FromChild, { readonly type: Type }>> {
    const heard = new Promise<Extract<FromChild, { readonly type: Type }>>((resolve) => {
      this.on(type, resolve);
    });
    const next = Promise.race([heard, this.#lost]);
    // Whoever waits for another message hears of the loss, too; this one must not end the process.
    next.catch(() => {});
    return next;
  }

  /** Ends the process and resolves when it is gone; nothing happens when it has ended. */
  async end(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    if (child.connected) child.disconnect();
    await exited;
  }
}
