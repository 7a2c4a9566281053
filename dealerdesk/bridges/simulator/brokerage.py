"""A simulated trading server: clients, accounts, positions and a market, moved on step by step.

The same configuration and the same commands at the same steps give the same deltas, number for number; nothing here
reads a clock or touches a disk. A pickled brokerage goes on as if it had never been put away.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dealerdesk.bridges.protocol import Ack, Command, Delta
from dealerdesk.bridges.simulator import recorded
from dealerdesk.bridges.simulator.account_commands import AccountCommands
from dealerdesk.bridges.simulator.behaviour import Traders
from dealerdesk.bridges.simulator.cashflow import Cashflow
from dealerdesk.bridges.simulator.catalogue import instruments, symbols_of
from dealerdesk.bridges.simulator.dealing import DealingQueue
from dealerdesk.bridges.simulator.execution import Execution
from dealerdesk.bridges.simulator.funding import fund
from dealerdesk.bridges.simulator.history import write_history
from dealerdesk.bridges.simulator.instructions import Instructions
from dealerdesk.bridges.simulator.instrument_facts import Instrument
from dealerdesk.bridges.simulator.limits import LIMITS
from dealerdesk.bridges.simulator.market import Market, Ticks
from dealerdesk.bridges.simulator.orders_desk import OrdersDesk
from dealerdesk.bridges.simulator.past import Past
from dealerdesk.bridges.simulator.population import SERVERS, populate
from dealerdesk.bridges.simulator.publisher import Publisher
from dealerdesk.bridges.simulator.rollover import Rollover
from dealerdesk.bridges.simulator.sampling import Sampler
from dealerdesk.bridges.simulator.sizing import Sizing
from dealerdesk.bridges.simulator.state import ServerState
from dealerdesk.bridges.simulator.till import Till
from dealerdesk.bridges.simulator.trade_commands import TradeCommands
from dealerdesk.bridges.simulator.triggers import Triggers
from dealerdesk.config import SimulatorConfig

ORDER_EXPIRY_STEPS = 20


class Brokerage:
    """`state` is what the server knows; `step_number` counts steps taken; `seq` is the last delta's number;
    `warnings` are sentences about a recording that is replayed in part only."""

    _queue: DealingQueue
    _traders: Traders
    _triggers: Triggers
    _cashflow: Cashflow
    _sampler: Sampler
    _rollover: Rollover
    _instructions: Instructions

    def __init__(self, config: SimulatorConfig) -> None:
        offered = instruments(config.symbols)
        recording, self.warnings = _recording(config, offered)
        self.market = Market(offered, config.seed, config.start_us, config.ticks_per_second, recording=recording)
        self.state = ServerState(
            config.platform, offered, symbols_of(config.platform, offered, self.market.calendar_shift_days)
        )
        self.step_number = 0
        self.last_acks: list[Ack] = []
        self._generator = np.random.default_rng((config.seed, SERVERS[config.platform]))
        sizing = self._found(config)
        self._publisher = Publisher(self.state)
        self._accounts_known = self.state.accounts.count
        self._assemble(config, sizing)

    @property
    def seq(self) -> int:
        """The number of the last delta."""
        return self._publisher.seq

    @property
    def time_us(self) -> int:
        """The server's present moment in µs UTC."""
        return self.state.time_us

    def step(self, commands: Sequence[Command] = ()) -> tuple[list[Delta], Ticks]:
        """Moves on by one step of the market; `commands` are carried out in it, their acks are in `last_acks`.

        Returns the step's deltas in order and its quotes, the server's mark-up included.
        """
        ticks = self._quote()
        self.last_acks = [self._instructions.carry_out(command) for command in commands]
        if self.state.accounts.count != self._accounts_known:
            self._accounts_known = self.state.accounts.count
            self._traders.count_accounts()
        self._triggers.check_levels()
        self._queue.follow_time()
        self._traders.act(self.market.step_us)
        self._cashflow.flow(self.market.step_us)
        self._triggers.check_margins(self.step_number)
        if self.step_number % ORDER_EXPIRY_STEPS == 0:
            self._triggers.expire_orders()
        self._rollover.follow_time()
        self.step_number += 1
        return self._publisher.take(), ticks

    def _quote(self) -> Ticks:
        raw = self.market.step()
        prices = self.state.prices
        prices.follow(self.market)
        self.state.time_us = self.market.time_us
        index = raw.index.astype(np.intp)
        ticks = Ticks(
            raw.start_us,
            raw.index,
            raw.bid - prices.bid_markup[index],
            raw.ask + prices.ask_markup[index],
            raw.offset_us,
        )
        self._sampler.follow(ticks)
        return ticks

    def _found(self, config: SimulatorConfig) -> Sizing:
        """Everything that the server has behind it when it starts."""
        state = self.state
        state.time_us = config.start_us
        state.prices.follow(self.market)
        state.offer_currencies()
        populate(state, config.seed, config.accounts, config.start_us)
        middle = (self.market.bid_points + self.market.ask_points) / 2
        past = Past(instruments(config.symbols), config.seed, middle)
        sizing = Sizing(state, config.seed)
        write_history(state, past, sizing, config.positions, config.start_us, self._generator)
        fund(state, past, config.start_us, self._generator)
        state.bounds.rebuild(range(len(state.symbols)), state.positions, state.orders)
        return sizing

    def _assemble(self, config: SimulatorConfig, sizing: Sizing) -> None:
        state, publisher, market, generator = self.state, self._publisher, self.market, self._generator
        execution = Execution(state, publisher)
        till = Till(state, publisher)
        self._queue = DealingQueue(state, publisher, execution, generator)
        desk = OrdersDesk(state, publisher, execution, self._queue, sizing, market, generator)
        self._traders = Traders(state, execution, desk, market, generator, config.seed, config.positions)
        self._triggers = Triggers(state, publisher, execution, till, market)
        self._cashflow = Cashflow(state, till, generator)
        self._sampler = Sampler(state, publisher, config.start_us)
        self._rollover = Rollover(state, publisher, config.start_us)
        self._instructions = Instructions(
            state,
            AccountCommands(state, publisher, till, LIMITS),
            TradeCommands(state, publisher, execution, self._queue, market, LIMITS),
        )


def _recording(
    config: SimulatorConfig, offered: Sequence[Instrument]
) -> tuple[recorded.Recording | None, tuple[str, ...]]:
    """The recording that the configuration names, with what was wrong with it; raises RecordingError if all is."""
    return recorded.load(Path(config.ticks_file), offered) if config.ticks_file else (None, ())
