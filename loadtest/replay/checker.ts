import { BookSide } from '../client/book-side.ts';
import { unitsOf } from '../client/decimal-text.ts';
import { DepthQueue } from '../client/depth-queue.ts';
import type { OrderResult, WireFill } from '../client/reply-reader.ts';
import { type Command, CommandKind, type CommandList } from './commands.ts';
import { type BookTable, PRICE_DECIMALS } from './day-parser.ts';
import { Mismatches } from './mismatches.ts';

/** A trade of the public stream: order ids of both parties, `m` = the buyer is the maker. */
export interface TradeEvent {
  readonly t: number;
  readonly a: string;
  readonly b: string;
  readonly m: boolean;
  readonly p: string;
  readonly q: string;
}

export interface CheckedTrade {
  readonly tradeId: number;
  readonly price: number;
  readonly size: number;
}

const UNKNOWN = -1;
const REFUSED = -2;

/**
 * Holds what the venue says against the recording. Fed with replies, depth events (through `queue`)
 * and trades in whatever order the sockets deliver them; it joins them by command, update id and trade
 * id. It opens no socket, so that a test can feed it wrong data.
 */
export class ReplayChecker {
  readonly queue = new DepthQueue();
  readonly mismatches = new Mismatches();
  /** Trades of the aggressors in the order of the book. */
  readonly trades: CheckedTrade[] = [];
  aggressorsExact = 0;
  aggressorsChecked = 0;
  booksCompared = 0;
  replies = 0;
  readonly #list: CommandList;
  readonly #books: BookTable;
  readonly #bids = new BookSide('bid');
  readonly #asks = new BookSide('ask');
  readonly #updateIdOf: Float64Array;
  readonly #clientIdOf = new Map<number, number>();
  readonly #tradeEvents = new Map<number, TradeEvent>();
  readonly #unjoined: { readonly command: number; readonly fills: readonly WireFill[] }[] = [];
  #startUpdateId = 0;
  #updateId = 0;
  #unjoinedHead = 0;
  #nextCheck = 0;

  constructor(list: CommandList, books: BookTable) {
    this.#list = list;
    this.#books = books;
    this.#updateIdOf = new Float64Array(list.commands.length).fill(UNKNOWN);
  }

  /** Every command answered, every aggressor joined with its trades, every book compared. */
  get isComplete(): boolean {
    return (
      this.replies === this.#list.commands.length &&
      this.#unjoinedHead === this.#unjoined.length &&
      this.#nextCheck === this.#list.checkCommand.length
    );
  }

  /** What is still missing, for a stall's message. */
  get missing(): string {
    const { commands, checkCommand } = this.#list;
    return (
      `${commands.length - this.replies} replies, ` +
      `trades of ${this.#unjoined.length - this.#unjoinedHead} aggressors, ` +
      `${checkCommand.length - this.#nextCheck} books (depth stream at update ${this.#updateId})`
    );
  }

  /** Says that the book was empty at `updateId`: events up to there are dropped. Call before sending. */
  start(updateId: number): void {
    this.#startUpdateId = updateId;
    this.#updateId = updateId;
    this.compareBooks();
  }

  onReply(index: number, result: OrderResult): void {
    const command = this.#list.commands[index]!;
    this.replies++;
    this.#updateIdOf[index] = this.#knownUpdateId(index, result);
    this.#checkOpenQuantity(index, command, result);
    const isPlace = command.kind === CommandKind.PlaceGtc || command.kind === CommandKind.PlaceIoc;
    if (isPlace) {
      if (command.clientId !== 0) this.#clientIdOf.set(Number(result.id), command.clientId);
      if (command.fills.length > 0 || result.fills.length > 0) {
        this.#unjoined.push({ command: index, fills: result.fills });
        this.#joinTrades();
      }
    }
    this.compareBooks();
  }

  onRefusal(index: number, reason: string): void {
    this.replies++;
    this.#updateIdOf[index] = REFUSED;
    this.mismatches.add('refused', () => `${this.#describe(index)}: ${reason}`);
    this.compareBooks();
  }

  onTrade(trade: TradeEvent): void {
    this.#tradeEvents.set(trade.t, trade);
    this.#joinTrades();
  }

  /** Applies queued depth events as far as the replies allow, comparing every book on the way. */
  compareBooks(): void {
    const { checkCommand, checkRow } = this.#list;
    while (this.#nextCheck < checkCommand.length) {
      const command = checkCommand[this.#nextCheck]!;
      const target = command < 0 ? this.#startUpdateId : this.#updateIdOf[command]!;
      if (target === UNKNOWN || (target !== REFUSED && !this.#advanceTo(target))) return;
      if (target !== REFUSED) this.#compare(checkRow[this.#nextCheck]!, command);
      this.#nextCheck++;
    }
  }

  /** Reports trades that no aggressor of ours caused. Call once everything is complete. */
  finish(): void {
    for (const trade of this.#tradeEvents.values()) {
      this.mismatches.add('trade stream', () => `trade ${trade.t} belongs to no command`);
    }
  }

  /** False when the stream has not brought `updateId` yet. */
  #advanceTo(updateId: number): boolean {
    const { queue } = this;
    while (this.#updateId < updateId) {
      if (queue.isEmpty) return false;
      const { firstId, lastId } = queue;
      if (lastId <= this.#startUpdateId) {
        queue.dropHead();
        continue;
      }
      const expected = this.#updateId + 1;
      if (firstId !== expected) {
        this.mismatches.add(
          'depth stream',
          () => `event ${firstId}…${lastId}, expected ${expected}`,
        );
      }
      queue.applyHead(this.#bids, this.#asks);
      this.#updateId = lastId;
    }
    if (this.#updateId > updateId) {
      this.mismatches.add('depth stream', () => `at ${this.#updateId}, a reply says ${updateId}`);
    }
    return true;
  }

  #compare(row: number, command: number): void {
    this.booksCompared++;
    const { levels, values, bookOfRow } = this.#books;
    const offset = bookOfRow[row]! * levels * 4;
    if (
      !sideEquals(this.#asks, values, offset, levels) ||
      !sideEquals(this.#bids, values, offset + 2, levels)
    ) {
      this.mismatches.add('book', () => this.#describeBook(row, command, offset));
    }
  }

  /** Without it the book after the command is unknown, as after a refused one. */
  #knownUpdateId(index: number, { depthUpdateId }: OrderResult): number {
    if (depthUpdateId >= 0) return depthUpdateId;
    this.mismatches.add('depth stream', () => `${this.#describe(index)}: no depthUpdateId`);
    return REFUSED;
  }

  #checkOpenQuantity(index: number, command: Command, result: OrderResult): void {
    const open = Number(result.quantity) - Number(result.executedQuantity);
    if (open === command.openAfter) return;
    this.mismatches.add(
      'open quantity',
      () => `${this.#describe(index)}: recorded ${command.openAfter} open, venue says ${open}`,
    );
  }

  /** Joins aggressors with their trades, in order, as far as the trade stream has come. */
  #joinTrades(): void {
    while (this.#unjoinedHead < this.#unjoined.length) {
      const { command, fills } = this.#unjoined[this.#unjoinedHead]!;
      for (const fill of fills) if (!this.#tradeEvents.has(fill.tradeId)) return;
      this.#unjoinedHead++;
      this.#checkFills(command, fills);
    }
  }

  #checkFills(index: number, fills: readonly WireFill[]): void {
    const { fills: expected } = this.#list.commands[index]!;
    this.aggressorsChecked++;
    let isExact = fills.length === expected.length;
    fills.forEach((fill, position) => {
      const trade = this.#tradeEvents.get(fill.tradeId)!;
      this.#tradeEvents.delete(fill.tradeId);
      const price = unitsOf(fill.price, PRICE_DECIMALS);
      const size = unitsOf(fill.quantity, 0);
      this.trades.push({ tradeId: fill.tradeId, price, size });
      if (unitsOf(trade.p, PRICE_DECIMALS) !== price || unitsOf(trade.q, 0) !== size) {
        this.mismatches.add(
          'trade stream',
          () => `trade ${trade.t} is ${trade.q} at ${trade.p}, the fill ${size} at ${fill.price}`,
        );
      }
      const wanted = expected[position];
      isExact &&=
        wanted !== undefined &&
        wanted.size === size &&
        wanted.price === price &&
        wanted.makerClientId === this.#makerClientId(trade);
    });
    if (isExact) this.aggressorsExact++;
    else this.mismatches.add('fills', () => this.#describeFills(index, fills));
  }

  #makerClientId(trade: TradeEvent): number | undefined {
    return this.#clientIdOf.get(Number(trade.m ? trade.b : trade.a));
  }

  #describe(index: number): string {
    const { kind, clientId, direction, price, size } = this.#list.commands[index]!;
    const name = ['GTC limit', 'IOC limit', 'cancel', 'reduce'][kind];
    const side = direction === 1 ? 'buy' : 'sell';
    return `command ${index} (${name} ${side} ${size} at ${price / 10_000}, client id ${clientId})`;
  }

  #describeFills(index: number, fills: readonly WireFill[]): string {
    const { fills: expected } = this.#list.commands[index]!;
    const wanted = expected.map((fill) => `${fill.makerClientId}:${fill.size}@${fill.price}`);
    const got = fills.map((fill) => `${fill.quantity}@${fill.price}(trade ${fill.tradeId})`);
    return `${this.#describe(index)}: recorded ${wanted.join(' ')}, venue ${got.join(' ')}`;
  }

  #describeBook(row: number, command: number, offset: number): string {
    const { levels, values } = this.#books;
    for (let rank = 0; rank < levels; rank++) {
      for (const [side, book, shift] of [
        ['ask', this.#asks, 0],
        ['bid', this.#bids, 2],
      ] as const) {
        const price = values[offset + rank * 4 + shift]!;
        const size = values[offset + rank * 4 + shift + 1]!;
        const hasLevel = rank < book.length;
        const venuePrice = hasLevel ? book.priceAt(rank) : 0;
        const venueSize = hasLevel ? book.quantityAt(rank) : 0;
        if (venuePrice === price && venueSize === size) continue;
        return (
          `row ${row + 1}, command ${command}, ${side} level ${rank + 1}: ` +
          `recorded ${size} at ${price / 10_000}, venue ${venueSize} at ${venuePrice / 10_000}`
        );
      }
    }
    return `row ${row + 1}`;
  }
}

/** True when the side's best levels are the recorded ones; a recorded size of 0 means no such level. */
function sideEquals(side: BookSide, values: Float64Array, offset: number, levels: number): boolean {
  const { length } = side;
  for (let rank = 0; rank < levels; rank++) {
    const at = offset + rank * 4;
    if (rank >= length) {
      if (values[at + 1] !== 0) return false;
    } else if (values[at] !== side.priceAt(rank) || values[at + 1] !== side.quantityAt(rank)) {
      return false;
    }
  }
  return true;
}
