import { textOf } from '../client/decimal-text.ts';
import { RestClient } from '../client/rest-client.ts';
import type { KeyPair } from '../client/signing.ts';
import { type Reply, WsClient } from '../client/ws-client.ts';
import type { AccountFacts } from './account-facts.ts';
import type { Flow, FlowRequest } from './flow.ts';
import { marketOf } from './markets.ts';
import type { OrderRecord, SentOrder } from './order-record.ts';
import { outcomeOf, outcomeOfRefusal } from './replies.ts';
import type { TrafficCounts } from './traffic-counts.ts';
import { type OrderUpdate, placeParameters, type WireOrder } from './wire-orders.ts';

type BatchAnswer =
  | (WireOrder & { readonly operation: 'Ok' })
  | { readonly operation: 'Err'; readonly code: string };

/**
 * One account at its socket: sends what its flow draws, a bounded number of requests at a time, and notes in its
 * facts what each was answered. A request that the closing socket leaves without an answer stays open.
 */
export class Trader {
  readonly facts: AccountFacts;
  readonly keyPair: KeyPair;
  readonly #flow: Flow;
  readonly #counts: TrafficCounts;
  #client: WsClient | null = null;
  #rest: RestClient | null = null;
  #depth = 0;
  #inFlight = 0;
  #onIdle: (() => void) | null = null;

  constructor(facts: AccountFacts, keyPair: KeyPair, flow: Flow, counts: TrafficCounts) {
    this.facts = facts;
    this.keyPair = keyPair;
    this.#flow = flow;
    this.#counts = counts;
  }

  /** Signed requests of the account at the venue it is connected to. */
  get rest(): RestClient {
    if (this.#rest === null) throw new Error('the trader is not connected');
    return this.#rest;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Opens the account's session and its private stream; throws the venue's refusal. */
  async connect(url: string): Promise<void> {
    const client = await WsClient.connect(url, 'msgpack');
    this.#rest = new RestClient(url, this.keyPair);
    await client.login(this.keyPair);
    await client.subscribe(
      ['account.orderUpdate'],
      (data) => this.facts.updated(data as unknown as OrderUpdate),
      this.keyPair,
    );
    this.#client = client;
  }

  /** Lets up to `depth` requests be under way; `pump` sends them. */
  resume(depth: number): void {
    this.#depth = depth;
  }

  /** Sends nothing more and resolves when every request is answered, or its socket gone. */
  async pause(): Promise<void> {
    this.#depth = 0;
    if (this.#inFlight === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
  }

  /**
   * Sends an order again whose first request had no answer, as a careful client does, and resolves to the code of its
   * refusal, null when it was taken now.
   */
  async repeat(order: SentOrder): Promise<string | null> {
    const client = this.#client;
    if (client === null) throw new Error('the trader is not connected');
    const { facts } = this;
    const record = facts.records.get(order.clientId);
    const again = record === undefined ? facts.sending(order) : null;
    const reply = await client.request<WireOrder>('order.place', placeParameters(order));
    this.#counts.requests++;
    this.#counts.answered('order.place', reply);
    if (outcomeOf(reply) === 'done') facts.acknowledged(reply.result!);
    else if (again !== null && outcomeOf(reply) === 'refused') facts.refused(again);
    return reply.error?.code ?? null;
  }

  async disconnect(): Promise<void> {
    await this.#client?.close();
    this.#client = null;
  }

  /** Sends at most `requests` requests now, as far as the depth allows; answers how many it sent. */
  pump(requests: number): number {
    let sent = 0;
    while (sent < requests && this.#inFlight < this.#depth && this.#client?.isOpen === true) {
      this.#send(this.#client, this.#flow.next());
      sent++;
    }
    return sent;
  }

  #send(client: WsClient, request: FlowRequest): void {
    switch (request.kind) {
      case 'place':
        this.#place(client, request.orders[0]);
        break;
      case 'batch':
        this.#batch(client, request.orders);
        break;
      case 'cancel':
        this.#cancel(client, request.record, request.byClientId);
        break;
      case 'reduce':
      case 'replace':
        this.#change(client, request);
        break;
      case 'cancelAll':
        this.#cancelAll(client, request.market?.symbol);
        break;
      case 'query':
        this.#ask(client, 'order.query', reference(request.record, request.byClientId), (reply) => {
          if (outcomeOf(reply) === 'done') this.facts.seen(reply.result as WireOrder);
        });
        break;
      case 'queryAll': {
        const scope = request.market === null ? {} : { symbol: request.market.symbol };
        this.#ask(client, 'order.query', scope, (reply) => {
          if (outcomeOf(reply) !== 'done') return;
          for (const order of reply.result as WireOrder[]) this.facts.seen(order);
        });
        break;
      }
    }
  }

  #place(client: WsClient, order: SentOrder): void {
    const record = this.facts.sending(order);
    this.#ask(client, 'order.place', placeParameters(order), (reply) => {
      const outcome = outcomeOf(reply);
      if (outcome === 'done') this.facts.acknowledged(reply.result as WireOrder);
      else if (outcome === 'refused') this.facts.refused(record);
    });
  }

  #batch(client: WsClient, orders: readonly SentOrder[]): void {
    const records = orders.map((order) => this.facts.sending(order));
    this.#ask(client, 'order.batch', orders.map(placeParameters), (reply) => {
      const outcome = outcomeOf(reply);
      if (outcome === 'refused') for (const record of records) this.facts.refused(record);
      if (outcome !== 'done') return;
      (reply.result as BatchAnswer[]).forEach((answer, index) => {
        if (answer.operation === 'Ok') this.facts.acknowledged(answer);
        else if (outcomeOfRefusal(answer.code) === 'refused') this.facts.refused(records[index]!);
      });
    });
  }

  #cancel(client: WsClient, record: OrderRecord, byClientId: boolean): void {
    record.cancelsAsked++;
    this.#ask(client, 'order.cancel', reference(record, byClientId), (reply) => {
      const outcome = outcomeOf(reply);
      if (outcome === 'done') this.facts.acknowledged(reply.result as WireOrder);
      else if (outcome === 'refused') record.cancelsAsked--;
    });
  }

  #change(
    client: WsClient,
    request: Extract<FlowRequest, { readonly kind: 'reduce' | 'replace' }>,
  ): void {
    const { record, terms } = request;
    const { priceDecimals, quantityDecimals } = marketOf(record.sent.symbol);
    const parameters =
      request.kind === 'reduce'
        ? { quantity: textOf(request.by, quantityDecimals) }
        : {
            price: textOf(terms.price!, priceDecimals),
            quantity: textOf(terms.quantity!, quantityDecimals),
          };
    record.change = terms;
    record.isChanging = true;
    const named = { ...reference(record, false), ...parameters };
    this.#ask(client, `order.${request.kind}`, named, (reply) => {
      const outcome = outcomeOf(reply);
      record.isChanging = false;
      if (outcome === 'done') this.facts.changed(record, reply.result as WireOrder);
      else if (outcome === 'refused') record.change = null;
    });
  }

  #cancelAll(client: WsClient, symbol: string | undefined): void {
    const meant = this.facts.open.filter(
      ({ sent }) => symbol === undefined || sent.symbol === symbol,
    );
    // An order whose reply is under way may be cancelled, too.
    for (const record of this.facts.records.values()) {
      if (record.answer === 'open' && record.orderId === null) meant.push(record);
    }
    for (const record of meant) record.cancelsAsked++;
    this.#ask(client, 'order.cancelAll', symbol === undefined ? {} : { symbol }, (reply) => {
      const outcome = outcomeOf(reply);
      if (outcome === 'done') {
        for (const order of reply.result as WireOrder[]) this.facts.acknowledged(order);
      }
      if (outcome !== 'unknown') for (const record of meant) record.cancelsAsked--;
    });
  }

  #ask(client: WsClient, method: string, params: unknown, answered: (reply: Reply) => void): void {
    this.#inFlight++;
    this.#counts.requests++;
    client.send(method, params, (reply) => {
      this.#counts.answered(method, reply);
      answered(reply);
      if (--this.#inFlight > 0) return;
      this.#onIdle?.();
      this.#onIdle = null;
    });
  }
}

function reference(record: OrderRecord, byClientId: boolean): Record<string, unknown> {
  const { symbol, clientId } = record.sent;
  return byClientId || record.orderId === null
    ? { symbol, clientId }
    : { symbol, orderId: record.orderId };
}
