import type { Redis, RedisOptions } from 'ioredis';
import type { FanOut } from './fan-out.ts';

/**
 * Options for the connection of a `RedisFanOut`: nothing waits for a connection, nothing is sent
 * twice, a server that stops answering is given up, and reconnecting goes on for ever.
 */
export const REDIS_FAN_OUT_OPTIONS = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  // With 0, what was under way is refused as soon as the connection closes.
  maxRetriesPerRequest: 0,
  connectTimeout: 2000,
  socketTimeout: 3000,
  retryStrategy: (attempt: number) => Math.min(50 * attempt, 1000),
} satisfies RedisOptions;

export interface RedisFanOutLimits {
  /** Characters of frames that Redis has not confirmed; beyond that frames are dropped. */
  readonly pendingCharactersMax: number;
  readonly pendingFramesMax: number;
}

/** About a second of a busy venue; in memory twice the characters, for strings and socket buffers. */
const DEFAULT_LIMITS: RedisFanOutLimits = {
  pendingCharactersMax: 16 * 1024 * 1024,
  pendingFramesMax: 65_536,
};

/** A batch of this many characters leaves at once, so that no script keeps Redis busy for long. */
const BATCH_CHARACTERS = 256 * 1024;

/**
 * Publishes a batch: its argument is channel and frame in turn, each ended by a newline, which JSON
 * never contains unescaped. One command for many frames costs the event loop a tenth of as many
 * PUBLISH commands; what listeners get is the same.
 */
const PUBLISH_SCRIPT = `
for channel, frame in string.gmatch(ARGV[1], '([^\\n]+)\\n([^\\n]+)\\n') do
  redis.call('PUBLISH', channel, frame)
end`;

/** How long `close` waits for what is under way. */
const CLOSE_TIMEOUT_MS = 1000;

interface RedisFanOutStatistics {
  readonly connected: boolean;
  readonly publishedFrames: number;
  /** Not sent because Redis was away or slow, or sent and never confirmed. */
  readonly droppedFrames: number;
  readonly pendingFrames: number;
  readonly pendingCharacters: number;
  /** Message of the connection's last error; empty when there was none. */
  readonly lastError: string;
}

/** Frames handed to Redis in one write. */
interface Batch {
  readonly epoch: number;
  readonly frames: number;
  readonly characters: number;
}

/**
 * To every process that subscribes to a Redis channel named like the stream, the frame byte for byte.
 * At most once: a frame that Redis cannot take now is dropped and counted, never kept, so a listener
 * finds a gap in the sequence and fetches a snapshot. `publish` neither throws nor waits, and what is
 * pending is bounded.
 *
 * The frames of one turn of the event loop leave together: in one script, or as single commands once
 * Redis has refused the script (an access list may forbid it) on this connection.
 */
export class RedisFanOut implements FanOut {
  readonly #redis: Redis;
  readonly #limits: RedisFanOutLimits;
  /** Channel and frame, in turn. */
  #queue: string[] = [];
  #queuedCharacters = 0;
  #flushScheduled = false;
  #scriptAllowed = true;
  #pendingFrames = 0;
  #pendingCharacters = 0;
  /** Counts connections: what an earlier one left behind is no longer pending. */
  #epoch = 0;
  #publishedFrames = 0;
  #droppedFrames = 0;
  #lastError = '';
  #closed = false;

  /** Takes over `redis`, made with `REDIS_FAN_OUT_OPTIONS`; `close` disconnects it. */
  constructor(redis: Redis, limits: RedisFanOutLimits = DEFAULT_LIMITS) {
    this.#redis = redis;
    this.#limits = limits;
    redis.on('error', (error: Error) => {
      this.#lastError = error.message;
    });
    redis.on('close', () => this.#onConnectionClosed());
  }

  get statistics(): RedisFanOutStatistics {
    return {
      connected: this.#redis.status === 'ready',
      publishedFrames: this.#publishedFrames,
      droppedFrames: this.#droppedFrames,
      pendingFrames: this.#pendingFrames,
      pendingCharacters: this.#pendingCharacters,
      lastError: this.#lastError,
    };
  }

  /** Anybody may listen, so everything is wanted while there is a connection. */
  wants(_stream: string): boolean {
    return !this.#closed && this.#redis.status === 'ready';
  }

  publish(stream: string, frame: string): void {
    if (this.#closed) return;
    const { pendingFramesMax, pendingCharactersMax } = this.#limits;
    if (
      this.#redis.status !== 'ready' ||
      this.#pendingFrames >= pendingFramesMax ||
      this.#pendingCharacters + frame.length > pendingCharactersMax
    ) {
      this.#droppedFrames++;
      return;
    }
    this.#pendingFrames++;
    this.#pendingCharacters += frame.length;
    this.#queue.push(stream, frame);
    this.#queuedCharacters += frame.length;
    if (this.#queuedCharacters >= BATCH_CHARACTERS) {
      this.#flush();
    } else if (!this.#flushScheduled) {
      this.#flushScheduled = true;
      setImmediate(() => {
        this.#flushScheduled = false;
        this.#flush();
      });
    }
  }

  /** Gives what is under way a second, then disconnects. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    if (this.#redis.status === 'ready') {
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise((resolve) => {
        timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
      });
      // Replies come in order: when this one is here, so are those of the frames.
      await Promise.race([this.#redis.ping().catch(() => undefined), timeout]);
      clearTimeout(timer);
    }
    this.#redis.disconnect();
  }

  #flush(): void {
    const queue = this.#queue;
    if (queue.length === 0) return;
    const batch: Batch = {
      epoch: this.#epoch,
      frames: queue.length / 2,
      characters: this.#queuedCharacters,
    };
    this.#queue = [];
    this.#queuedCharacters = 0;
    const sent = this.#scriptAllowed ? this.#sendScript(queue) : this.#sendCommands(queue);
    sent.then(
      (failedFrames) => this.#settle(batch, failedFrames),
      (error: Error) => {
        // What Redis itself refuses it would refuse again. When the connection was lost instead, the
        // connection has told why.
        if (error.name === 'ReplyError') {
          this.#scriptAllowed = false;
          this.#lastError = error.message;
        }
        this.#settle(batch, batch.frames);
      },
    );
  }

  /** Answers how many frames failed: none, or it throws. */
  async #sendScript(queue: readonly string[]): Promise<number> {
    await this.#redis.eval(PUBLISH_SCRIPT, 0, `${queue.join('\n')}\n`);
    return 0;
  }

  /** Answers how many frames failed. */
  async #sendCommands(queue: readonly string[]): Promise<number> {
    const sent: Promise<number>[] = [];
    for (let index = 0; index < queue.length; index += 2) {
      sent.push(this.#redis.publish(queue[index]!, queue[index + 1]!));
    }
    const results = await Promise.allSettled(sent);
    return results.filter((result) => result.status === 'rejected').length;
  }

  /** Redis has answered a batch, or the connection has refused it. */
  #settle(batch: Batch, failedFrames: number): void {
    if (batch.epoch !== this.#epoch) return;
    this.#pendingFrames -= batch.frames;
    this.#pendingCharacters -= batch.characters;
    this.#publishedFrames += batch.frames - failedFrames;
    this.#droppedFrames += failedFrames;
  }

  #onConnectionClosed(): void {
    this.#epoch++;
    this.#scriptAllowed = true;
    this.#droppedFrames += this.#pendingFrames;
    this.#pendingFrames = 0;
    this.#pendingCharacters = 0;
    this.#queue = [];
    this.#queuedCharacters = 0;
  }
}
