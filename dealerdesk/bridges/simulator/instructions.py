"""Commands as the platform carries them out: checked, done, and read back. It knows nothing of connections or logs.

A refusal is a sentence for the person who asked, with the platform's own code beside it. The command's id goes into the
platform's comment, so that an outcome nobody heard of can be looked up. A dry run checks everything, changes nothing.
"""

from __future__ import annotations

from dealerdesk.bridges.protocol import (
    Ack,
    AnswerRequest,
    ChangeBalance,
    ClosePosition,
    Command,
    OpenAccount,
    SetBook,
    SetGroup,
    SetLeverage,
    Stage,
)
from dealerdesk.bridges.simulator.account_commands import AccountCommands, Outcome
from dealerdesk.bridges.simulator.refusals import RefusedError, platform_code
from dealerdesk.bridges.simulator.state import ServerState
from dealerdesk.bridges.simulator.trade_commands import TradeCommands


class Instructions:
    """All kinds of commands of one server."""

    def __init__(self, state: ServerState, accounts: AccountCommands, trades: TradeCommands) -> None:
        self._state = state
        self._accounts = accounts
        self._trades = trades

    def carry_out(self, command: Command) -> Ack:
        """Does it, or says why not; never raises for what a command may contain."""
        try:
            outcome = self._dispatch(command)
        except RefusedError as refused:
            return Ack(
                id=command.id,
                stage=Stage.REJECTED,
                time_us=self._state.time_us,
                code=refused.refusal,
                platform_code=platform_code(self._state.dialect.platform, refused.refusal),
                text=refused.text,
            )
        return Ack(
            id=command.id,
            stage=Stage.DONE,
            time_us=self._state.time_us,
            code="dry_run" if command.dry_run else "",
            ticket=outcome.ticket,
            row=outcome.row,
            version=outcome.version,
        )

    def _dispatch(self, command: Command) -> Outcome:
        match command.body:
            case SetBook() as body:
                return self._accounts.set_book(body, command)
            case SetGroup() as body:
                return self._accounts.set_group(body, command)
            case SetLeverage() as body:
                return self._accounts.set_leverage(body, command)
            case ChangeBalance() as body:
                return self._accounts.change_balance(body, command)
            case OpenAccount() as body:
                return self._accounts.open_account(body, command)
            case ClosePosition() as body:
                return self._trades.close_position(body, command)
            case AnswerRequest() as body:
                return self._trades.answer_request(body, command)
