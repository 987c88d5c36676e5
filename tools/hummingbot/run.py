"""Lets hummingbot's connector of the exchange trade at a venue with its demo markets, as a strategy would."""

import asyncio
import logging
import signal
import sys
import time
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "python"))
from demo_venue import demo_venue, trader  # noqa: E402
from hummingbot.connector.exchange.backpack import backpack_constants  # noqa: E402
from hummingbot.connector.exchange.backpack.backpack_exchange import BackpackExchange  # noqa: E402
from hummingbot.core.clock import Clock, ClockMode  # noqa: E402
from hummingbot.core.data_type.common import OrderType  # noqa: E402
from hummingbot.core.event.event_listener import EventListener  # noqa: E402
from hummingbot.core.event.events import MarketEvent  # noqa: E402

PAIR = "SOL-USDC"
RUN_SECONDS = 300
HEARD = [
    MarketEvent.BuyOrderCreated,
    MarketEvent.SellOrderCreated,
    MarketEvent.OrderFilled,
    MarketEvent.OrderCancelled,
    MarketEvent.BuyOrderCompleted,
    MarketEvent.SellOrderCompleted,
    MarketEvent.OrderFailure,
]


class Listener(EventListener):
    """Notes the events of one kind."""

    def __init__(self, name, heard):
        super().__init__()
        self._name = name
        self._heard = heard

    def __call__(self, event):
        self._heard.append((self._name, event.order_id))


async def until(what, is_so, timeout_seconds=60):
    end = time.monotonic() + timeout_seconds
    while not is_so():
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain until {what}")
        await asyncio.sleep(0.05)
    print(what)


class Trial:
    def __init__(self, connector):
        self.connector = connector
        self.heard = []
        self.listeners = [Listener(event.name, self.heard) for event in HEARD]
        for event, listener in zip(HEARD, self.listeners):
            connector.add_listener(event, listener)

    def has_heard(self, name, *orders):
        return all((name, order) in self.heard for order in orders)

    def price(self, price):
        return self.connector.quantize_order_price(PAIR, price)

    def best(self, is_buy):
        return Decimal(str(self.connector.get_order_book(PAIR).get_price(is_buy)))

    async def trade(self):
        """Returns the orders that were filled."""
        connector = self.connector
        resting = connector.buy(PAIR, Decimal("0.5"), OrderType.LIMIT, self.price(self.best(False) * Decimal("0.9")))
        await until("a limit order rests", lambda: self.has_heard("BuyOrderCreated", resting))
        crossing = self.price(self.best(True) * Decimal("1.1"))
        maker = connector.buy(PAIR, Decimal("0.5"), OrderType.LIMIT_MAKER, crossing)
        await until("one that must not take is refused", lambda: self.has_heard("OrderFailure", maker))
        connector.cancel(PAIR, resting)
        await until("the one that rests is cancelled", lambda: self.has_heard("OrderCancelled", resting))
        bought = connector.buy(PAIR, Decimal("0.5"), OrderType.MARKET, Decimal("NaN"))
        await until("a market order buys", lambda: self.has_heard("BuyOrderCompleted", bought))
        low = self.price(self.best(False) * Decimal("0.9"))
        sold = connector.sell(PAIR, Decimal("0.2"), OrderType.LIMIT, low)
        await until("a limit order sells", lambda: self.has_heard("SellOrderCompleted", sold))
        return [bought, sold]

    async def check_history(self, orders):
        """Fills of the private stream are those of the history, and the balance is what they say."""
        connector = self.connector
        for order_id in orders:
            order = connector._order_tracker.fetch_cached_order(order_id)
            fills = await connector._all_trade_updates_for_order(order)
            assert {fill.trade_id for fill in fills} == set(order.order_fills), order_id
            assert sum(fill.fill_base_amount for fill in fills) == order.executed_amount_base
        await connector._update_balances()
        bought = connector.get_balance("SOL") - Decimal("100000")
        assert bought == Decimal("0.3"), bought
        print("fills of the stream, of the history and balances agree")

    async def cancel_many(self):
        low = self.price(self.best(False) * Decimal("0.9"))
        orders = [self.connector.buy(PAIR, Decimal("0.1"), OrderType.LIMIT, low) for _ in range(10)]
        await until("ten orders rest", lambda: self.has_heard("BuyOrderCreated", *orders))
        status = await self.connector._request_order_status(self.connector._order_tracker.fetch_order(orders[0]))
        assert status.new_state.name == "OPEN", status
        results = await self.connector.cancel_all(20)
        assert len(results) == 10 and all(result.success for result in results), results
        await until("all ten are cancelled", lambda: self.has_heard("OrderCancelled", *orders))

    async def run(self):
        await until("the connector is ready", lambda: self.connector.ready)
        assert self.best(False) < self.best(True)
        await self.check_history(await self.trade())
        await self.cancel_many()
        book = self.connector.get_order_book(PAIR)
        seen = book.last_diff_uid
        await until("its book goes on", lambda: book.last_diff_uid > seen)
        assert await self.connector._get_last_traded_price(PAIR) > 0


async def run(ready):
    backpack_constants.REST_URL = ready["url"] + "/"
    backpack_constants.WSS_URL = ready["url"].replace("http", "ws", 1) + "/"
    key = trader(ready, "hummingbot")
    connector = BackpackExchange(key["apiKey"], key["secret"], trading_pairs=[PAIR])
    trial = Trial(connector)
    clock = Clock(ClockMode.REALTIME)
    clock.add_iterator(connector)
    with clock:
        running = asyncio.ensure_future(clock.run_til(time.time() + RUN_SECONDS))
        try:
            await trial.run()
        finally:
            running.cancel()
            await connector.stop_network()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    logging.basicConfig(level=logging.CRITICAL)
    with demo_venue() as ready:
        asyncio.run(run(ready))
    print("hummingbot: all is well")


if __name__ == "__main__":
    main()
