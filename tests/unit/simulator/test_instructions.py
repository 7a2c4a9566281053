from small_server import small_config

from dealerdesk.bridges.protocol import ClosePosition, Command, SetBook, SetLeverage, Stage
from dealerdesk.bridges.simulator.brokerage import Brokerage
from dealerdesk.trading import Book, Platform


def asked(number, body, **changes):
    return Command(**{"id": f"c{number}", "body": body, "actor": "dana", "deadline_us": 0, **changes})


def test_acks_say_what_was_done_and_why_not_with_the_platforms_own_code():
    brokerage = Brokerage(small_config(Platform.MT5))
    deltas, _ticks = brokerage.step(
        [
            asked(1, SetBook(700_001, Book.A, 100)),
            asked(2, SetLeverage(1, 100)),
            asked(3, ClosePosition(int(brokerage.state.positions.id[0])), dry_run=True),
        ]
    )
    done, refused, dry = brokerage.last_acks
    assert (done.stage, done.row.book, done.version) == (Stage.DONE, Book.A, 1)
    assert (refused.stage, refused.code, refused.platform_code, refused.row) == (
        Stage.REJECTED,
        "not_found",
        "13",
        None,
    )
    assert refused.text == "there is no account 1 on this server"
    assert (dry.stage, dry.code) == (Stage.DONE, "dry_run")
    assert deltas[0].row == done.row
