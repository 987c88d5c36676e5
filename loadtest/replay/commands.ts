import { type Adjustment, type Direction, MessageType, type RecordedDay } from './day-parser.ts';

export const CommandKind = { PlaceGtc: 0, PlaceIoc: 1, Cancel: 2, Reduce: 3 } as const;
export type CommandKind = (typeof CommandKind)[keyof typeof CommandKind];

/** Who sends a command: the maker what comes to rest, the taker what trades at once. */
export const MAKER = 0;
export const TAKER = 1;

/** One order command and what the recording says must come of it. */
export interface Command {
  readonly kind: CommandKind;
  readonly account: number;
  readonly direction: Direction;
  /** 1/10,000 dollars; 0 for cancel and reduce. */
  readonly price: number;
  /** Quantity of an order, the cut of a reduce, 0 for a cancel. */
  readonly size: number;
  /** Order id of the recording, which is the client id on the wire; 0 for an order without one. */
  readonly clientId: number;
  /** Open quantity: after a place or reduce, and just before a cancel. */
  readonly openAfter: number;
  readonly fills: readonly ExpectedFill[];
}

interface ExpectedFill {
  readonly makerClientId: number;
  readonly size: number;
  readonly price: number;
}

/** The commands of a day in the order in which they must reach the book. */
export interface CommandList {
  readonly commands: readonly Command[];
  /**
   * Book comparisons in order: after command `checkCommand[i]` (−1 = before the first) the recorded
   * book of message row `checkRow[i]` (from 0) must stand.
   */
  readonly checkCommand: Int32Array;
  readonly checkRow: Int32Array;
  /**
   * Command whose reply must have come before this one may be sent; −1 = none. An adjusted level
   * places ids again that it has just cancelled, and an id is free only when its cancel is answered.
   */
  readonly waitFor: Int32Array;
  readonly accounts: number;
  readonly aggressors: number;
  readonly fills: number;
  readonly hiddenSkipped: number;
  readonly exceptionRuns: number;
  /** Rows that name an order the recording never showed: nothing can be sent for them. */
  readonly unknownOrders: number;
}

interface RestingOrder {
  readonly direction: Direction;
  readonly price: number;
  readonly account: number;
  size: number;
}

/**
 * Turns a recorded day into commands by the mapping of the recording's description:
 * adjust rows: cancel the level's orders, place the listed ones; type 1: GTC limit; type 2: reduce;
 * type 3: cancel; a run of type 4 with one time and direction (hidden executions between them
 * skipped): one IOC limit of the other side at the last price; the same followed by a type 1 of that
 * time on the aggressor's side at or beyond the last price: one GTC limit of both sizes; a run with an
 * exception: a reduce per execution.
 */
export function commandsOf(day: RecordedDay): CommandList {
  const mapper = new CommandMapper(day);
  return mapper.run();
}

class CommandMapper {
  readonly #day: RecordedDay;
  readonly #commands: Command[] = [];
  readonly #checkCommand: number[] = [];
  readonly #checkRow: number[] = [];
  readonly #waitFor: number[] = [];
  readonly #resting = new Map<number, RestingOrder>();
  readonly #levels = new Map<number, Set<number>>();
  readonly #cancelledBy = new Map<number, number>();
  #accounts = 2;
  #aggressors = 0;
  #fills = 0;
  #hiddenSkipped = 0;
  #exceptionRuns = 0;
  #unknownOrders = 0;

  constructor(day: RecordedDay) {
    this.#day = day;
  }

  run(): CommandList {
    const { rows, type } = this.#day.messages;
    let row = 0;
    while (row < rows) {
      const isExecution = isExecutionType(type[row]!);
      const run = isExecution ? this.#runFrom(row) : { last: row, restRow: -1 };
      this.#adjust(row, run.last);
      if (isExecution) this.#executions(row, run.last, run.restRow);
      else this.#single(row);
      this.#compareAfter(run.last);
      row = run.last + 1;
    }
    return {
      commands: this.#commands,
      checkCommand: Int32Array.from(this.#checkCommand),
      checkRow: Int32Array.from(this.#checkRow),
      waitFor: Int32Array.from(this.#waitFor),
      accounts: this.#accounts,
      aggressors: this.#aggressors,
      fills: this.#fills,
      hiddenSkipped: this.#hiddenSkipped,
      exceptionRuns: this.#exceptionRuns,
      unknownOrders: this.#unknownOrders,
    };
  }

  /** The run of executions that starts at `row`, and the row of the aggressor's rest, if it has one. */
  #runFrom(row: number): { last: number; restRow: number } {
    const { rows, timeNs, type, direction, price } = this.#day.messages;
    let last = row;
    let lastVisible = type[row] === MessageType.Execution ? row : -1;
    while (
      last + 1 < rows &&
      timeNs[last + 1] === timeNs[row] &&
      isExecutionType(type[last + 1]!) &&
      direction[last + 1] === direction[row]
    ) {
      last++;
      if (type[last] === MessageType.Execution) lastVisible = last;
    }
    const next = last + 1;
    const isRest =
      lastVisible >= 0 &&
      next < rows &&
      timeNs[next] === timeNs[row] &&
      type[next] === MessageType.NewLimit &&
      direction[next] === -direction[row]! &&
      (direction[row] === -1
        ? price[next]! >= price[lastVisible]!
        : price[next]! <= price[lastVisible]!);
    return isRest ? { last: next, restRow: next } : { last, restRow: -1 };
  }

  #adjust(firstRow: number, lastRow: number): void {
    const adjustments: Adjustment[] = [];
    for (let row = firstRow; row <= lastRow; row++) {
      adjustments.push(...(this.#day.adjustments.get(row) ?? []));
    }
    for (const { direction, price } of adjustments) {
      for (const id of [...(this.#levels.get(levelKey(direction, price)) ?? [])]) this.#cancel(id);
    }
    for (const { direction, price, orders } of adjustments) {
      for (const { orderId, size } of orders) {
        if (this.#resting.has(orderId)) this.#unknownOrders++;
        else this.#place(MAKER, direction, price, size, orderId, [], size);
      }
    }
  }

  #single(row: number): void {
    const { type, orderId, size, price, direction } = this.#day.messages;
    const id = orderId[row]!;
    switch (type[row]) {
      case MessageType.NewLimit:
        this.#place(
          MAKER,
          direction[row] as Direction,
          price[row]!,
          size[row]!,
          id,
          [],
          size[row]!,
        );
        break;
      case MessageType.PartialCancel:
        this.#reduce(id, size[row]!);
        break;
      case MessageType.Delete:
        if (this.#resting.has(id)) this.#cancel(id, size[row]!);
        else this.#unknownOrders++;
        break;
      default:
        // Halts and crosses move no visible order.
        break;
    }
  }

  #executions(firstRow: number, lastRow: number, restRow: number): void {
    const { type, orderId, size, price } = this.#day.messages;
    const fills: ExpectedFill[] = [];
    let isException = false;
    for (let row = firstRow; row <= lastRow; row++) {
      isException ||= this.#day.exceptions.has(row);
      if (type[row] === MessageType.HiddenExecution) this.#hiddenSkipped++;
      if (type[row] !== MessageType.Execution) continue;
      fills.push({ makerClientId: orderId[row]!, size: size[row]!, price: price[row]! });
    }
    if (fills.length === 0) return;
    if (isException) this.#executeByReducing(fills, restRow);
    else this.#aggress(firstRow, fills, restRow);
  }

  /** The feed passed over an older order and does not say why: no matching can reproduce it. */
  #executeByReducing(fills: readonly ExpectedFill[], restRow: number): void {
    this.#exceptionRuns++;
    for (const { makerClientId, size } of fills) this.#reduce(makerClientId, size);
    if (restRow >= 0) this.#single(restRow);
  }

  #aggress(firstRow: number, fills: readonly ExpectedFill[], restRow: number): void {
    const { direction, orderId, size, price } = this.#day.messages;
    const side = -direction[firstRow]! as Direction;
    const account = this.#takerFor(fills);
    const filled = fills.reduce((sum, fill) => sum + fill.size, 0);
    this.#aggressors++;
    this.#fills += fills.length;
    for (const fill of fills) this.#take(fill.makerClientId, fill.size);
    if (restRow >= 0) {
      const rest = size[restRow]!;
      const id = orderId[restRow]!;
      this.#place(account, side, price[restRow]!, filled + rest, id, fills, rest);
    } else {
      const worstPrice = fills[fills.length - 1]!.price;
      this.#push(CommandKind.PlaceIoc, account, side, worstPrice, filled, 0, 0, fills);
    }
  }

  /**
   * The taker; when his own rest is among the orders met, somebody else, so that nobody trades with
   * himself: the maker if he owns none of them, else one more account.
   */
  #takerFor(fills: readonly ExpectedFill[]): number {
    const owners = new Set(fills.map((fill) => this.#resting.get(fill.makerClientId)?.account));
    if (!owners.has(TAKER)) return TAKER;
    if (!owners.has(MAKER)) return MAKER;
    let account = TAKER + 1;
    while (owners.has(account)) account++;
    this.#accounts = Math.max(this.#accounts, account + 1);
    return account;
  }

  #place(
    account: number,
    direction: Direction,
    price: number,
    size: number,
    clientId: number,
    fills: readonly ExpectedFill[],
    openAfter: number,
  ): void {
    const command = this.#push(
      CommandKind.PlaceGtc,
      account,
      direction,
      price,
      size,
      clientId,
      openAfter,
      fills,
    );
    this.#waitFor[command] = this.#cancelledBy.get(clientId) ?? -1;
    this.#resting.set(clientId, { direction, price, account, size: openAfter });
    const key = levelKey(direction, price);
    const level = this.#levels.get(key);
    if (level === undefined) this.#levels.set(key, new Set([clientId]));
    else level.add(clientId);
  }

  #reduce(id: number, cut: number): void {
    const order = this.#resting.get(id);
    if (order === undefined) {
      this.#unknownOrders++;
    } else if (cut >= order.size) {
      this.#cancel(id);
    } else {
      order.size -= cut;
      this.#push(CommandKind.Reduce, order.account, order.direction, 0, cut, id, order.size, []);
    }
  }

  /** Cancels a resting order; `recordedOpen` is what the recording says was left of it. */
  #cancel(id: number, recordedOpen?: number): void {
    const order = this.#resting.get(id)!;
    const open = recordedOpen ?? order.size;
    const command = this.#push(
      CommandKind.Cancel,
      order.account,
      order.direction,
      0,
      0,
      id,
      open,
      [],
    );
    this.#cancelledBy.set(id, command);
    this.#drop(id, order);
  }

  #take(id: number, size: number): void {
    const order = this.#resting.get(id);
    if (order === undefined) {
      this.#unknownOrders++;
      return;
    }
    order.size -= size;
    if (order.size <= 0) this.#drop(id, order);
  }

  #drop(id: number, order: RestingOrder): void {
    this.#resting.delete(id);
    const key = levelKey(order.direction, order.price);
    const level = this.#levels.get(key)!;
    level.delete(id);
    if (level.size === 0) this.#levels.delete(key);
  }

  #push(
    kind: CommandKind,
    account: number,
    direction: Direction,
    price: number,
    size: number,
    clientId: number,
    openAfter: number,
    fills: readonly ExpectedFill[],
  ): number {
    this.#commands.push({ kind, account, direction, price, size, clientId, openAfter, fills });
    this.#waitFor.push(-1);
    return this.#commands.length - 1;
  }

  /** The book of the run's last row stands after the last command so far. */
  #compareAfter(row: number): void {
    if (this.#day.books.bookOfRow[row]! < 0) return;
    this.#checkCommand.push(this.#commands.length - 1);
    this.#checkRow.push(row);
  }
}

function isExecutionType(type: number): boolean {
  return type === MessageType.Execution || type === MessageType.HiddenExecution;
}

/** Both sides and every price in one number: bids positive, asks negative. */
function levelKey(direction: Direction, price: number): number {
  return direction * price;
}
