"""A whole desk from the first paint to its end, on a bridge and a database of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from dealerdesk.config import CannotStartError, Endpoint
from dealerdesk.desk.app import DeskReport, Launch, make_application, run
from dealerdesk.desk.settings import UserFiles
from dealerdesk.store.demo import seed_demo
from dealerdesk.store.engine import open_engine, writing
from dealerdesk.store.migrate import upgrade

from .bridge_double import DESK, BridgeThread
from .conftest import ROWS, access_of


class Firm:
    """One bridge, a database, and what the desk was told and said."""

    def __init__(self, folder: Path) -> None:
        self.bridge = BridgeThread("MT5", ROWS, folder)
        self.url = f"sqlite:///{folder / 'desk.db'}"
        self.deeds: list[str] = []
        self.reports: list[DeskReport] = []

    def start_bridges(self) -> Iterator[Endpoint]:
        self.deeds.append("bridges")
        endpoint = self.bridge.start()
        self.bridge.send_quotes([0], [110_000], [110_010])
        yield endpoint

    def start_hub(self, endpoints: tuple[Endpoint, ...]) -> None:
        self.deeds.append("hub")
        upgrade(self.url)
        engine = open_engine(self.url)
        with writing(engine) as connection:
            seed_demo(connection, 1)
        engine.dispose()

    def stop_children(self) -> None:
        self.deeds.append("stop")
        self.bridge.stop()

    def launch(self, files: UserFiles, **more: object) -> Launch:
        return Launch(
            access=access_of("dana", url=self.url),
            credentials=DESK,
            files=files,
            start_bridges=self.start_bridges,
            start_hub=self.start_hub,
            stop_children=self.stop_children,
            report=self.reports.append,
            **more,  # type: ignore[arg-type]
        )


@pytest.fixture
def firm(tmp_path: Path) -> Iterator[Firm]:
    made = Firm(tmp_path)
    yield made
    made.bridge.stop()


def test_a_desk_starts_shows_figures_reports_and_ends_in_order(firm: Firm, files: UserFiles) -> None:
    code = run(firm.launch(files, seconds=0.5))

    assert code == 0
    assert firm.deeds == ["bridges", "hub", "stop"]
    report = firm.reports[0]
    assert report.counts.rows_loaded == 11
    assert report.counts.ticks_applied >= 1
    assert report.statuses["MT5"].gaps == 0
    assert report.frame.totals("USD").accounts == 2
    assert report.measures["window_s"] < report.measures["first_figure_s"]  # type: ignore[operator]
    assert report.measures["frame_ms"]["count"] > 10  # type: ignore[index]


def test_a_bridge_that_cannot_be_started_is_said_and_the_desk_ends_in_order(firm: Firm, files: UserFiles) -> None:
    def fail() -> Iterator[Endpoint]:
        raise OSError("MT5 did not start; its log is /tmp/mt5.log")

    launch = replace(firm.launch(files), start_bridges=fail, give_up_s=0.2, seconds=0.1)
    code = run(launch)

    assert code == 1
    assert firm.deeds == ["stop"]


def test_a_child_that_does_not_start_ends_the_desk_in_order_with_its_sentence(firm: Firm, files: UserFiles) -> None:
    def fail() -> Iterator[Endpoint]:
        raise CannotStartError("The bridge of MT5 did not start. It said last: no disk.")

    with pytest.raises(CannotStartError, match="It said last: no disk"):
        run(replace(firm.launch(files), start_bridges=fail))

    assert firm.deeds == ["stop"]


def test_fractional_scale_factors_are_taken_as_they_are() -> None:
    make_application()

    policy = QGuiApplication.highDpiScaleFactorRoundingPolicy()
    assert policy is Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
