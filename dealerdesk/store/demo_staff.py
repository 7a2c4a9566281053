"""Who works at the demonstration's broker: (id, name, role). Data only, so that it is there before any database."""

from __future__ import annotations

PEOPLE = (
    ("dana", "Dana Novak", "head_dealer"),
    ("ana", "Ana Petrov", "dealer"),
    ("carol", "Carol Ferreira", "supervisor"),
    ("ben", "Ben Osei", "payments"),
    ("cleo", "Cleo Marin", "compliance"),
    ("otto", "Otto Lind", "back_office"),
    ("iris", "Iris Tanaka", "auditor"),
    ("adam", "Adam Kowalski", "administrator"),
)
