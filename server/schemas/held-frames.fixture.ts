import assert from 'node:assert/strict';
import { compileClosed, type FindFaults } from './closed-schema.fixture.ts';
import {
  replyOf,
  SOCKET_METHODS,
  SocketRefusal,
  StreamRefusal,
  SubscribedReply,
} from './socket-methods.ts';
import { STREAMS, type Stream } from './streams.ts';

const findReplyFaults = new Map<string, FindFaults>(
  SOCKET_METHODS.map((method) => [method.method, compileClosed(replyOf(method))]),
);
const findRefusalFaults = compileClosed(SocketRefusal);
const findStreamRefusalFaults = compileClosed(StreamRefusal);
const findSubscribedFaults = compileClosed(SubscribedReply);
const streams = STREAMS.map((stream) => ({
  ...{ name: stream.name, pattern: patternOf(stream) },
  findFaults: compileClosed(stream.frame),
}));

/** A stream's names as they are with a market, an asset and an interval. */
function patternOf({ names }: Stream): RegExp {
  const patterns = names.map((name) => name.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^.]+'));
  return new RegExp(`^(?:${patterns.join('|')})$`);
}

/** Their replies are known by what they have. */
const STREAM_METHODS: ReadonlySet<string> = new Set(['SUBSCRIBE', 'UNSUBSCRIBE']);

/** What kinds of frames were heard in this process: methods that were answered 200, and names of streams. */
export const heardKinds = new Set<string>();

type Frame = Readonly<Record<string, unknown>>;

/** Holds the frames of one socket against their descriptions. */
export class HeldFrames {
  readonly #hasMarketData: boolean;
  readonly #methodsById = new Map<unknown, Set<string>>();

  /** @param hasMarketData else frames of public streams are passed over */
  constructor(hasMarketData: boolean) {
    this.#hasMarketData = hasMarketData;
  }

  /** A request before it is sent: its reply is known by its id. */
  sending(frame: unknown): void {
    const { id, method } = (frame ?? {}) as Frame;
    if (typeof method !== 'string' || STREAM_METHODS.has(method)) return;
    const methods = this.#methodsById.get(id);
    if (methods === undefined) this.#methodsById.set(id, new Set([method]));
    else methods.add(method);
  }

  /** Fails when the frame is not as its description says. */
  received(frame: Frame): void {
    const what = JSON.stringify(frame).slice(0, 2000);
    if (typeof frame.stream === 'string') {
      if (!this.#hasMarketData && !frame.stream.startsWith('account.')) return;
      const stream = streams.find(({ pattern }) => pattern.test(frame.stream as string));
      assert.ok(stream !== undefined, `the stream is not described: ${what}`);
      assert.deepEqual(stream.findFaults(frame), [], what);
      heardKinds.add(stream.name);
    } else if (frame.status === undefined) {
      const findFaults = 'error' in frame ? findStreamRefusalFaults : findSubscribedFaults;
      assert.deepEqual(findFaults(frame), [], what);
    } else if (frame.status !== 200) {
      assert.deepEqual(findRefusalFaults(frame), [], what);
    } else this.#holdReply(frame, what);
  }

  /** A request that was sent as text is not known: then its reply is that of any method. */
  #holdReply(frame: Frame, what: string): void {
    const methods = [...(this.#methodsById.get(frame.id) ?? findReplyFaults.keys())];
    const found = methods.map((method) => ({ method, find: findReplyFaults.get(method) }));
    for (const { method, find } of found) {
      assert.ok(find !== undefined, `${method} is answered and not described: ${what}`);
    }
    const fitting = found.find(({ find }) => find!(frame).length === 0);
    const faults = fitting === undefined ? found.map(({ find }) => find!(frame)) : [];
    assert.deepEqual(faults, [], what);
    if (methods.length === 1) heardKinds.add(methods[0]!);
  }
}
