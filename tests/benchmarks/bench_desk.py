"""What the whole desk does on this machine: `python tests/benchmarks/bench_desk.py [--full] [--seconds N]`.

Two parts. A window on a quotes firehose, beside the same window with next to no quotes (the baseline of the ratio): how
many frames a second the Qt thread still makes. And the demo with its bridges and hub: start, frames, tick to paint,
memory, from its own report. Offscreen; nothing here fails on the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

FIREHOSE, TRICKLE = 1_000_000, 1_000
FULL = ("--accounts", "45000", "--positions", "300000", "--symbols", "1000", "--ticks-per-second", "10000")


def window_on(quotes_per_second: int, key: str, seconds: float) -> dict[str, object]:
    """Opens a window in this process on a bridge with that many quotes a second; what it measured of itself."""
    from dealerdesk.clock import now_us
    from dealerdesk.commands.signed_in import Session
    from dealerdesk.config import Credentials, Endpoint, Profile
    from dealerdesk.desk.access import Access
    from dealerdesk.desk.app import DeskReport, Launch, run
    from dealerdesk.desk.settings import UserFiles
    from dealerdesk.store.demo import seed_demo
    from dealerdesk.store.engine import open_engine, writing
    from dealerdesk.store.migrate import upgrade
    from dealerdesk.trading import Platform

    folder = Path(tempfile.mkdtemp())
    url = f"sqlite:///{folder / 'desk.db'}"
    upgrade(url)
    engine = open_engine(url)
    with writing(engine) as connection:
        # a desk whose person is unknown covers its screen, and then there is nothing to measure
        seed_demo(connection, now_us())
    engine.dispose()
    command = [sys.executable, str(Path(__file__).with_name("firehose.py")), str(quotes_per_second), key]
    found: dict[str, object] = {}

    def keep(desk: DeskReport) -> None:
        found.update(desk.measures, ticks=desk.counts.ticks_applied)

    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as bridge:
        assert bridge.stdout is not None
        port = int(bridge.stdout.readline())
        endpoint = Endpoint("MT5", Platform.MT5, f"ws://127.0.0.1:{port}")
        profile = Profile(name="bench", database_url=url, endpoints=(endpoint,), broker="Bench")
        session = Session(staff="dana", name="Dana Novak", role="head_dealer", login="dana")
        run(
            Launch(
                access=Access(profile, session),
                credentials=Credentials("desk", "desk", key),
                files=UserFiles(folder / "user"),
                headless=True,
                seconds=seconds,
                report=keep,
            )
        )
        bridge.kill()
    return found


def firehose(seconds: float) -> None:
    """The two windows, each in a process of its own."""
    rows = []
    for rate in (TRICKLE, FIREHOSE):
        command = [sys.executable, __file__, "--window", str(rate), "--seconds", str(seconds)]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
        rows.append((rate, json.loads(said)))
    baseline = rows[0][1]["frame_ms"]["count"] / seconds
    for rate, measured in rows:
        beats, paints = (measured[name]["count"] / seconds for name in ("frame_ms", "paint_ms"))
        print(
            f"{rate:>9,} quotes/s: {beats:5.1f} frames/s of the Qt thread ({beats / baseline:.2f} x the quiet window), "
            f"{paints:.1f} of them painted; frame p99 {measured['frame_ms']['p99']} ms, "
            f"CPU {measured['frame_cpu_ms']['p99']} ms"
        )


def demo(name: str, seconds: float, options: tuple[str, ...]) -> None:
    """One run of the demo, as its report tells it."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "dealerdesk", "demo", "--headless", "--seconds", str(seconds)]
        subprocess.run([*command, "--report", str(report), *options], check=True)
        told = json.loads(report.read_text())
    desk = told["desk"]
    print(
        f"{name}: window {desk['window_s']} s, first live price {desk['first_figure_s']} s, first server's exposure "
        f"{desk['first_exposure_s']} s, all servers {desk['complete_s']} s"
    )
    for title, key in (("frame", "frame_ms"), ("frame, CPU", "frame_cpu_ms"), ("tick to paint", "tick_to_paint_ms")):
        print(f"  {title}: p50 {desk[key]['p50']} ms, p99 {desk[key]['p99']} ms, worst {desk[key]['max']} ms")
    print(f"  memory {told['memory_mb']['resident']:.0f} MB, figures agree: {told['figures']['agree']}")


def main() -> None:
    options = argparse.ArgumentParser(description="Measures the whole desk.")
    options.add_argument("--full", action="store_true", help="also the demo at 45,000 accounts and 300,000 positions")
    options.add_argument("--seconds", type=float, default=10.0)
    options.add_argument("--window", type=int, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.window:
        print(json.dumps(window_on(chosen.window, secrets.token_hex(32), chosen.seconds)))
        return
    firehose(chosen.seconds)
    demo("default demo", chosen.seconds, ())
    if chosen.full:
        demo("full demo", chosen.seconds, FULL)


if __name__ == "__main__":
    main()
