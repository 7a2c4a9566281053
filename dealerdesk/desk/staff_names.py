"""Members of staff as a person reads them: by name, where the desk knows one. Reads nothing itself."""

from __future__ import annotations

from collections.abc import Mapping


def staff_name(people: Mapping[str, str], staff_id: str) -> str:
    """The name of a member of staff, as plain as it was given; who is not one, such as the hub, keeps the id.
    `people`: staff id → name."""
    return people.get(staff_id, staff_id)


def staff_name_and_id(people: Mapping[str, str], staff_id: str) -> str:
    """The name with the id behind it, where two of one name must not be taken for each other."""
    return f"{people[staff_id]} ({staff_id})" if staff_id in people else staff_id
