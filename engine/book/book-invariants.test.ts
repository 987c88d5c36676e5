import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '../assert.ts';
import { Side } from '../protocol/enums.ts';
import type { PriceTicks, QuantityLots } from '../protocol/units.ts';
import { checkBook } from './book-invariants.ts';
import { OrderBook } from './order-book.ts';

const { Bid, Ask } = Side;

type Visit = Parameters<OrderBook['forEachOrder']>[1];
type VisitLevel = Parameters<OrderBook['depth']>[2];

/** Books that each lie in one way; what they hold is two bids at 100, one at 99, an ask at 101. */
const LIARS: Record<string, typeof OrderBook> = {
  'book is crossed or locked': class extends OrderBook {
    override bestBid = () => 101 as PriceTicks;
  },
  'the best price is not of the first level': class extends OrderBook {
    override bestBid = () => 99 as PriceTicks;
  },
  'level count is wrong': class extends OrderBook {
    override depth(side: Side, levels: number, visit: VisitLevel): void {
      super.depth(side, levels, (price, lots, count) => visit(price, lots, count + 1));
    }
  },
  'level total is not the sum': class extends OrderBook {
    override depth(side: Side, levels: number, visit: VisitLevel): void {
      super.depth(side, levels, (price, lots, count) =>
        visit(price, (lots + 1) as QuantityLots, count),
      );
    }
  },
  'orders outside of the depth': class extends OrderBook {
    override depth(side: Side, _levels: number, visit: VisitLevel): void {
      super.depth(side, 1, visit);
    }
    override levelCount = () => 1;
  },
  'level count of the side is wrong': class extends OrderBook {
    override levelCount = () => 3;
  },
  'price index leads to another level': class extends OrderBook {
    override levelLots = () => 0 as QuantityLots;
  },
  'level without orders': class extends OrderBook {
    override forEachOrder(side: Side, visit: Visit): void {
      super.forEachOrder(side, (id, owner, price, lots) => {
        if (price !== 99) visit(id, owner, price, lots);
      });
    }
  },
  'order without open lots': class extends OrderBook {
    override forEachOrder(side: Side, visit: Visit): void {
      super.forEachOrder(side, (id, owner, price) => visit(id, owner, price, 0 as QuantityLots));
    }
  },
  'id index leads elsewhere': class extends OrderBook {
    override ownerOf = () => 8;
  },
  'order points to another level': class extends OrderBook {
    override priceOf = () => 99 as PriceTicks;
  },
  'order is taken for the other side': class extends OrderBook {
    override sideOf = () => Ask;
  },
  'a queue is another one from its end': class extends OrderBook {
    override forEachOrderFromBack(_side: Side, _price: number, visit: (id: number) => void): void {
      for (const id of [1, 2]) visit(id);
    }
  },
  'a queue is longer than from its end': class extends OrderBook {
    override forEachOrderFromBack(_side: Side, _price: number, visit: (id: number) => void): void {
      visit(2);
    }
  },
  'queues have more orders than the id index': class extends OrderBook {
    override get orderCount(): number {
      return 2;
    }
  },
  'id index and queues differ in size': class extends OrderBook {
    override get orderCount(): number {
      return 5;
    }
  },
};

function filled(Book: typeof OrderBook): OrderBook {
  const book = new Book();
  book.rest(1, 7, Bid, 100, 5);
  book.rest(2, 7, Bid, 100, 6);
  book.rest(3, 7, Bid, 99, 7);
  book.rest(4, 7, Ask, 101, 8);
  return book;
}

test('a book that is sound passes', () => {
  checkBook(new OrderBook());
  checkBook(filled(OrderBook));
});

for (const [message, Book] of Object.entries(LIARS)) {
  test(`what a check of the book finds: ${message}`, () => {
    const book = filled(Book);
    const isFound = (error: Error) =>
      error instanceof AssertionFailure && error.message === message;
    assert.throws(() => checkBook(book), isFound);
  });
}
