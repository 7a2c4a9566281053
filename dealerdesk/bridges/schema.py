"""Writes the bridge protocol down from its types: docs/bridge-protocol.schema.json, and the tables in
docs/bridge-protocol.md between its «generated» marks. `python -m dealerdesk.bridges.schema docs` rewrites both.
"""

from __future__ import annotations

import json
import sys
import types
import typing
from pathlib import Path
from typing import Any

import msgspec

from dealerdesk.bridges import protocol
from dealerdesk.bridges.protocol import CLOSE_CODES, Delta, FromBridge, Row, RowSet, ToBridge

SCHEMA_FILE = "bridge-protocol.schema.json"
TEXT_FILE = "bridge-protocol.md"
BEGIN_MARK = "<!-- generated from the types: do not edit -->"
END_MARK = "<!-- end of what is generated -->"


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of every text frame: `from_bridge`, `to_bridge`, and all types under `$defs`."""
    (from_bridge, to_bridge), definitions = msgspec.json.schema_components(
        (FromBridge, ToBridge), ref_template="#/$defs/{name}"
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"DealerDesk bridge protocol, version {protocol.VERSION}",
        "anyOf": [{"$ref": "#/$defs/from_bridge"}, {"$ref": "#/$defs/to_bridge"}],
        "$defs": {"from_bridge": from_bridge, "to_bridge": to_bridge, **definitions},
    }


def schema_text() -> str:
    """The schema as its file."""
    return json.dumps(schema(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def tables() -> str:
    """The tables of messages, rows, sets and codes, in Markdown."""
    from_bridge = set(typing.get_args(FromBridge))
    to_bridge = set(typing.get_args(ToBridge))
    both = [message for message in typing.get_args(FromBridge) if message in to_bridge]
    parts = [
        "### From the bridge\n",
        _messages([message for message in typing.get_args(FromBridge) if message not in both]),
        "### To the bridge\n",
        _messages([message for message in typing.get_args(ToBridge) if message not in from_bridge]),
        "### Both ways\n",
        _messages(both),
        "### Commands (`command.body`, told apart by `kind`)\n",
        _messages(list(typing.get_args(protocol.CommandBody))),
        "### Rows (JSON arrays: the set's name, then the fields in this order)\n",
        _messages(list(typing.get_args(Row))),
        f"A delta is the array `[{', '.join(Delta.__struct_fields__)}]`; a row that has left a state set is "
        '`["gone", set, key]`.\n',
        f"State sets: {_names(s for s in RowSet if s not in protocol.RECORD_SETS)}. "
        f"Record sets: {_names(s for s in RowSet if s in protocol.RECORD_SETS)}.\n",
        "### Errors and close codes\n",
        "| code | closes with |\n|---|---|\n"
        + "".join(f"| `{code}` | {number} |\n" for code, number in CLOSE_CODES.items()),
    ]
    return "\n".join(parts)


def with_tables(text: str) -> str:
    """The document with what lies between its marks written anew; ValueError when a mark is missing."""
    before, _, rest = text.partition(BEGIN_MARK)
    _, found, after = rest.partition(END_MARK)
    if not found:
        raise ValueError(f"{TEXT_FILE}: the marks around the generated tables are missing")
    return f"{before}{BEGIN_MARK}\n\n{tables()}\n{END_MARK}{after}"


def main(docs: Path) -> None:
    """Rewrites both files in `docs`."""
    (docs / SCHEMA_FILE).write_text(schema_text(), "utf-8")
    text = docs / TEXT_FILE
    text.write_text(with_tables(text.read_text("utf-8")), "utf-8")


def _messages(structs: list[Any]) -> str:
    rows = "".join(
        f"| `{struct.__struct_config__.tag}` | {_fields(struct)} | {_meaning(struct)} |\n" for struct in structs
    )
    return "| name | fields | |\n|---|---|---|\n" + rows


def _fields(struct: type[msgspec.Struct]) -> str:
    hints = typing.get_type_hints(struct)
    return ", ".join(f"`{field.encode_name}` {_name(hints[field.name])}" for field in msgspec.structs.fields(struct))


def _meaning(struct: type) -> str:
    text = (struct.__doc__ or "").strip()
    return " ".join(text.split()) if not text.startswith(f"{struct.__name__}(") else ""


def _name(hint: Any) -> str:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if set(typing.get_args(Row)) <= set(arguments):
        return "row or null" if type(None) in arguments else "row"
    if hint == protocol.CommandBody:
        return "body"
    if origin in (typing.Union, types.UnionType):
        return " or ".join("null" if argument is type(None) else _name(argument) for argument in arguments)
    if origin is dict:
        return f"{{{_name(arguments[0])}: {_name(arguments[1])}}}"
    if origin in (list, tuple):
        return f"[{_name(arguments[0])} …]"
    return (
        "decimal string"
        if hint.__name__ == "Decimal"
        else {"str": "text", "bool": "true/false"}.get(hint.__name__, hint.__name__)
    )


def _names(sets: Any) -> str:
    return ", ".join(f"`{name}`" for name in sets)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
