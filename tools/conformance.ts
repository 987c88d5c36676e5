import { createHash, randomInt } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { checkBook } from '../engine/book/book-invariants.ts';
import { MessageReplay, parseFlowLine } from '../engine/book/message-replay.ts';
import { OrderBook } from '../engine/book/order-book.ts';
import { Side } from '../engine/protocol/enums.ts';
import { FlowLines } from './flow-lines.ts';

/**
 * `make conformance FILE=…`: replays a recorded flow, `.csv` or `.csv.gz` of any size, into the order book
 * and prints the SHA-256 of its report stream. CONFORMANCE.md beside this file has the format and its limits.
 */

const COLUMNS = 'seq,type,order_id,side,price_ticks,qty,ioc';
/** Report lines hashed at a time. */
const LINES_AT_ONCE = 4_096;

/** The hash of lines with a line feed between each two. */
class LineHash {
  count = 0;
  readonly #hash = createHash('sha256');
  #waiting: string[] = [];

  add(line: string): void {
    this.count++;
    this.#waiting.push(line);
    if (this.#waiting.length === LINES_AT_ONCE) this.#flush();
  }

  digest(): string {
    this.#flush();
    return this.#hash.digest('hex');
  }

  #flush(): void {
    if (this.#waiting.length === 0) return;
    const isFirst = this.count === this.#waiting.length;
    this.#hash.update(`${isFirst ? '' : '\n'}${this.#waiting.join('\n')}`);
    this.#waiting = [];
  }
}

async function replay(path: string): Promise<void> {
  // The ids are an outsider's: which of them fall together in an index, he cannot know.
  const book = new OrderBook(null, randomInt(2 ** 32));
  const reports = new LineHash();
  const messages = new MessageReplay(book, (line) => reports.add(line));
  let messageCount = -1;
  const lines = new FlowLines((line, lineNumber) => {
    try {
      if (++messageCount > 0) messages.apply(parseFlowLine(line));
      else if (line !== COLUMNS) throw new SyntaxError(`columns are not ${COLUMNS}`);
    } catch (error) {
      throw new Error(`line ${lineNumber}: ${(error as Error).message}`, { cause: error });
    }
  });
  const takeAll = async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) lines.add(chunk.toString('latin1'));
    lines.end();
  };
  const file = createReadStream(path);
  if (path.endsWith('.gz')) await pipeline(file, createGunzip(), takeAll);
  else await pipeline(file, takeAll);
  if (messageCount < 0) throw new Error('the file is empty');
  checkBook(book);
  print(path, messageCount, reports, book);
}

function print(path: string, messages: number, reports: LineHash, book: OrderBook): void {
  const lots = [0n, 0n];
  const orders = [0, 0];
  for (const side of [Side.Bid, Side.Ask]) {
    book.forEachOrder(side, (_orderId, _owner, _priceTicks, open) => {
      orders[side]!++;
      lots[side]! += BigInt(open);
    });
  }
  const levels = [book.levelCount(Side.Bid), book.levelCount(Side.Ask)];
  const rows = [
    ['file', path],
    ['messages', messages],
    ['report lines', reports.count],
    ['sha256', reports.digest()],
    ['resting orders', `${orders.join(' bids, ')} asks`],
    ['levels', `${levels.join(' bids, ')} asks`],
    ['open quantity', `${lots.join(' bids, ')} asks`],
    ['best bid, ask', `${book.bestBid()}, ${book.bestAsk()}`],
  ];
  for (const [name, value] of rows) console.log(`${String(name).padEnd(15)} ${value}`);
}

const [path] = process.argv.slice(2);
if (path === undefined || path === '') {
  console.error('make conformance FILE=<a recorded flow, .csv or .csv.gz>');
  process.exit(2);
}
try {
  await replay(path);
} catch (error) {
  console.error(`${path}: ${(error as Error).message}`);
  process.exit(1);
}
