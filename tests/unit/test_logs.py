"""The log is JSON on standard error, so that standard output stays the parent's."""

from __future__ import annotations

import json

import pytest
import structlog

from dealerdesk.logs import log_to_stderr


def test_an_event_is_one_json_line_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr()

    structlog.get_logger().info("recording", server="MT5")

    captured = capsys.readouterr()
    assert captured.out == ""
    assert json.loads(captured.err)["server"] == "MT5"
    structlog.reset_defaults()
