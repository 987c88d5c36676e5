import { Packr } from 'msgpackr';
import { FRAME_HEADER_BYTES_MAX, writeClientFrame } from '../client/client-frame.ts';
import { textOf } from '../client/decimal-text.ts';
import { type Command, CommandKind } from './commands.ts';
import { PRICE_DECIMALS } from './day-parser.ts';

const INITIAL_BYTES_PER_COMMAND = 128;

/**
 * Every request of the day as a finished websocket frame, made before the clock starts. Frames lie one
 * behind the other, so a batch of commands is one piece of memory. Request id of command `i` is `i + 1`.
 */
export class CommandFrames {
  #bytes: Buffer;
  readonly #end: Float64Array;

  constructor(commands: readonly Command[], symbol: string) {
    const packr = new Packr({ useRecords: false });
    this.#end = new Float64Array(commands.length);
    this.#bytes = Buffer.allocUnsafe(commands.length * INITIAL_BYTES_PER_COMMAND + 1024);
    let end = 0;
    commands.forEach((command, index) => {
      const payload = packr.pack({ id: requestIdOf(index), ...requestOf(command, symbol) });
      if (end + payload.length + FRAME_HEADER_BYTES_MAX > this.#bytes.length) this.#grow();
      end = writeClientFrame(this.#bytes, end, payload);
      this.#end[index] = end;
    });
  }

  /** The frames of commands `first` to `last`, both included. */
  frames(first: number, last: number): Buffer {
    return this.#bytes.subarray(first === 0 ? 0 : this.#end[first - 1]!, this.#end[last]!);
  }

  #grow(): void {
    const grown = Buffer.allocUnsafe(this.#bytes.length * 2);
    this.#bytes.copy(grown);
    this.#bytes = grown;
  }
}

function requestIdOf(command: number): number {
  return command + 1;
}

export function commandOfRequestId(requestId: number): number {
  return requestId - 1;
}

/** Method and parameters of a command on the wire. */
export function requestOf(
  command: Command,
  symbol: string,
): { method: string; params: Record<string, string | number> } {
  const { kind, direction, price, size, clientId } = command;
  switch (kind) {
    case CommandKind.Cancel:
      return { method: 'order.cancel', params: { symbol, clientId } };
    case CommandKind.Reduce:
      return { method: 'order.reduce', params: { symbol, clientId, quantity: String(size) } };
    default: {
      const params: Record<string, string | number> = {
        symbol,
        side: direction === 1 ? 'Bid' : 'Ask',
        orderType: 'Limit',
        price: textOf(price, PRICE_DECIMALS),
        quantity: String(size),
        timeInForce: kind === CommandKind.PlaceIoc ? 'IOC' : 'GTC',
      };
      if (clientId !== 0) params.clientId = clientId;
      return { method: 'order.place', params };
    }
  }
}
