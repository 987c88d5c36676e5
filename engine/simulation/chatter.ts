import type { Random } from '../collections/random.ts';
import {
  Audit,
  CancelOrder,
  CreateAccount,
  CreateApiKey,
  DepthHeartbeat,
  DescribeAccounts,
  DescribeBook,
  DescribeState,
  FireCancelTimer,
  ListAsset,
  MoveFunds,
  PlaceOrder,
  QueryBalances,
  QueryOrder,
  QueryOrders,
  ReduceOrder,
  ReportState,
  RevokeApiKey,
  SetAllowedAddresses,
  SetCancelTimer,
  SetKillSwitch,
  TransferFunds,
} from '../protocol/commands.ts';
import { KillScope, TransferKind } from '../protocol/enums.ts';
import { FrameWriter } from '../protocol/frame-writer.ts';
import type { Fields, FieldsOf, Message } from '../protocol/message.ts';
import type { VenueSetup } from '../shard/venue-comparison.fixture.ts';

/** New accounts, out of the way of a case's own. */
const FIRST_GUEST = 1_000;
const GUESTS = 6;
/** New assets, likewise. */
export const FIRST_ASSET = 100;
const REQUESTS_FROM = 2 ** 43;
const FEW = 5;
const ADDRESSES = ['', '10.0.0.0/8', '2001:db8::/32,192.0.2.1/32'];

/**
 * Draws commands of the gateway that one shard can be sent between any two of its inputs, and all its other
 * inputs mean the same as before: questions, and what only concerns accounts of their own, which have too little
 * money to place an order.
 */
export class Chatter {
  readonly #random: Random;
  readonly #shard: number;
  readonly #shardCount: number;
  readonly #setup: VenueSetup;
  #number = 0;

  constructor(random: Random, shard: number, shardCount: number, setup: VenueSetup) {
    this.#random = random;
    this.#shard = shard;
    this.#shardCount = shardCount;
    this.#setup = setup;
  }

  /** One command as a frame. */
  next(): Uint8Array {
    const random = this.#random;
    const publicKey = `key ${random.below(FEW)} of a guest: €`;
    const account = { accountId: this.#guest() };
    const allowedAddresses = ADDRESSES[random.below(ADDRESSES.length)]!;
    switch (random.below(25)) {
      case 0:
        return this.#encode(CreateAccount, { ...account, name: `guest ${this.#number} 🙂` });
      case 1:
      case 2:
        return this.#encode(CreateApiKey, {
          ...{ ...account, publicKey, permissions: random.below(4), allowedAddresses },
        });
      case 3:
        return this.#encode(RevokeApiKey, { ...account, publicKey });
      case 4:
      case 5:
      case 6:
        return this.#transfer();
      case 7:
        return this.#refusedOrder();
      case 8: {
        const assetId = FIRST_ASSET + random.below(FEW);
        return this.#encode(ListAsset, { assetId, symbol: `NEW${assetId}`, decimals: 2 });
      }
      case 9:
        return this.#heartbeat();
      case 10:
        return this.#encode(Audit, {});
      case 11:
        return this.#encode(ReportState, {});
      case 12:
        return this.#encode(QueryBalances, account);
      case 13:
        return this.#encode(QueryBalances, { accountId: this.#accountOfCase() });
      case 14:
        return this.#encode(QueryOrders, { accountId: this.#accountOfCase() });
      case 15:
        return this.#ofNoOrder(QueryOrder);
      case 16:
        return this.#encode(DescribeState, {});
      case 17:
        return this.#encode(DescribeAccounts, {});
      case 18:
        return this.#book();
      case 19:
      case 20:
      case 21:
        return this.#timer();
      case 22: {
        const latch = { scope: KillScope.Account, targetId: account.accountId };
        return this.#encode(SetKillSwitch, { ...latch, isActive: random.below(2) === 0 });
      }
      case 23:
        return this.#encode(SetAllowedAddresses, { ...account, publicKey, allowedAddresses });
      default:
        return this.#ofNoOrder(random.below(2) === 0 ? CancelOrder : ReduceOrder);
    }
  }

  /** A deposit, a withdrawal or a transfer to another guest, often one that was made before. */
  #transfer(): Uint8Array {
    const random = this.#random;
    const id = random.below(FEW);
    const { assetIds } = this.#setup;
    const isRepeated = random.below(3) > 0;
    const transfer = {
      ...{ accountId: this.#guest(), assetId: assetIds[id % assetIds.length]! },
      ...{ transferId: isRepeated ? `again ${id}` : `ü${this.#number}`, amountUnits: 1 + id },
    };
    const toAccountId = this.#guest();
    if (random.below(4) === 0) return this.#encode(TransferFunds, { ...transfer, toAccountId });
    const kind = random.below(2) === 0 ? TransferKind.Deposit : TransferKind.Withdrawal;
    return this.#encode(MoveFunds, { ...transfer, kind });
  }

  /** Of a guest, who has no orders. */
  #timer(): Uint8Array {
    const random = this.#random;
    const marketId = random.below(2) * this.#ownMarket();
    const timer = { accountId: this.#guest(), marketId, trigger: random.below(2) };
    if (random.below(4) === 0) return this.#encode(FireCancelTimer, timer);
    const deadlineUs = random.below(2) * (1 + random.below(FEW));
    return this.#encode(SetCancelTimer, { ...timer, timeoutUs: random.below(FEW), deadlineUs });
  }

  /** Costs more than a guest can have; that it looked for the money shows among his balances. */
  #refusedOrder(): Uint8Array {
    const random = this.#random;
    const { markets } = this.#setup;
    const spec = markets[random.below(markets.length)]!;
    return this.#encode(PlaceOrder, {
      ...{ accountId: this.#guest(), marketId: spec.marketId, side: random.below(2) },
      ...{ priceTicks: spec.maxPriceTicks, quantityLots: spec.maxQuantityLots },
    });
  }

  #heartbeat(): Uint8Array {
    const marketId = this.#ownMarket();
    return marketId === 0 ? this.#encode(Audit, {}) : this.#encode(DepthHeartbeat, { marketId });
  }

  #book(): Uint8Array {
    return this.#encode(DescribeBook, {
      marketId: this.#ownMarket(),
      side: this.#random.below(2),
    });
  }

  /** 0 when the shard has none. */
  #ownMarket(): number {
    const own = this.#setup.markets.filter(({ marketId }) => this.#isHere(marketId));
    return own[this.#random.below(Math.max(1, own.length))]?.marketId ?? 0;
  }

  #ofNoOrder<F extends Fields>(message: Message<F>): Uint8Array {
    const named = { accountId: this.#accountOfCase(), marketId: 1, orderId: 0, clientId: 2 ** 31 };
    return this.#encode(message, named as unknown as Partial<FieldsOf<F>>);
  }

  #encode<F extends Fields>(message: Message<F>, fields: Partial<FieldsOf<F>>): Uint8Array {
    const writer = new FrameWriter(256);
    const body = { ...message.create(), ...fields } as Record<string, unknown>;
    if ('requestId' in body) body.requestId = REQUESTS_FROM + this.#number;
    this.#number++;
    message.encode(writer, 0, body as FieldsOf<F>);
    return writer.bytes.slice(writer.start, writer.end);
  }

  #guest(): number {
    const number = FIRST_GUEST + this.#random.below(GUESTS);
    return number * this.#shardCount + this.#shard;
  }

  /** One of this shard's, if there is any. */
  #accountOfCase(): number {
    const own = this.#setup.accountIds.filter((accountId) => this.#isHere(accountId));
    return own[this.#random.below(Math.max(1, own.length))] ?? FIRST_GUEST;
  }

  #isHere(id: number): boolean {
    return id % this.#shardCount === this.#shard;
  }
}
