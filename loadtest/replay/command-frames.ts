import { Packr } from 'msgpackr';
import { textOf } from '../client/decimal-text.ts';
import { type Command, CommandKind } from './commands.ts';
import { PRICE_DECIMALS } from './day-parser.ts';

const INITIAL_BYTES_PER_COMMAND = 128;

/** Every request of the day, encoded before the clock starts. Request id of command `i` is `i + 1`. */
export class CommandFrames {
  readonly #bytes: Buffer;
  readonly #end: Float64Array;

  constructor(commands: readonly Command[], symbol: string) {
    const packr = new Packr({ useRecords: false });
    this.#end = new Float64Array(commands.length);
    let bytes = Buffer.allocUnsafe(commands.length * INITIAL_BYTES_PER_COMMAND + 1024);
    let end = 0;
    commands.forEach((command, index) => {
      const frame = packr.pack({ id: requestIdOf(index), ...requestOf(command, symbol) });
      if (end + frame.length > bytes.length) {
        bytes = Buffer.concat([bytes], bytes.length * 2);
      }
      frame.copy(bytes, end);
      end += frame.length;
      this.#end[index] = end;
    });
    this.#bytes = bytes;
  }

  frame(command: number): Buffer {
    return this.#bytes.subarray(command === 0 ? 0 : this.#end[command - 1]!, this.#end[command]!);
  }
}

export function requestIdOf(command: number): number {
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
