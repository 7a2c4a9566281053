"""The written protocol follows from the types."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from platform_double import account, position, set_book

from dealerdesk.bridges import schema
from dealerdesk.bridges.protocol import Delta, Deltas, Ping, RowSet, SnapshotChunk, encode

DOCS = Path(__file__).parents[3] / "docs"


def test_the_schema_in_docs_is_what_the_types_say() -> None:
    assert (DOCS / schema.SCHEMA_FILE).read_text("utf-8") == schema.schema_text(), (
        "run: python -m dealerdesk.bridges.schema docs"
    )


def test_the_tables_in_docs_are_what_the_types_say() -> None:
    text = (DOCS / schema.TEXT_FILE).read_text("utf-8")

    assert text == schema.with_tables(text), "run: python -m dealerdesk.bridges.schema docs"


def test_a_document_without_its_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="marks"):
        schema.with_tables("# The bridge protocol\n")


def test_frames_as_they_are_sent_satisfy_the_schema() -> None:
    validator = jsonschema.Draft202012Validator(schema.schema())
    messages = [
        Ping(1, 5),
        Deltas("ab", [Delta(1, 1, 7, position(1))]),
        SnapshotChunk(RowSet.ACCOUNT, [account(1001)], [0]),
        set_book("x-1"),
    ]

    for message in messages:
        assert [error.message for error in validator.iter_errors(json.loads(encode(message)))] == []


def test_a_frame_with_a_wrong_type_does_not_satisfy_the_schema() -> None:
    validator = jsonschema.Draft202012Validator(schema.schema())

    assert not validator.is_valid({"type": "ping", "id": "one", "time_us": 5})
    assert not validator.is_valid({"type": "pang"})
