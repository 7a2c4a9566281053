"""A token opens with its client's key alone, for that client and field, and only as it was made."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealerdesk.commands import personal
from dealerdesk.commands.personal import VALUE_BYTES_MAX, TokenError
from dealerdesk.commands.records import Refused

KEY, OTHER = "11" * 32, "22" * 32
ADDRESS = "12 Harbour Street"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
def test_any_value_comes_back(value: str) -> None:
    token = personal.protect(KEY, 7, "address", value)

    assert personal.reveal(KEY, 7, "address", token) == value
    assert personal.is_token(token)


def test_a_token_says_nothing_and_is_never_the_same_twice() -> None:
    token = personal.protect(KEY, 7, "address", ADDRESS)

    assert token.startswith("dd1.")
    assert ADDRESS.encode() not in base64.urlsafe_b64decode(token.removeprefix("dd1."))
    assert personal.protect(KEY, 7, "address", ADDRESS) != token


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=128))
def test_a_name_is_sealed_alike_each_time_and_looks_like_one_that_is(name: str) -> None:
    token = personal.protect_alike(KEY, 7, "name", name)

    assert personal.reveal(KEY, 7, "name", token) == name
    assert personal.is_sealed(token, personal.SEALED_NAME_CHARS_MAX)
    assert personal.protect_alike(KEY, 7, "name", name) == token
    assert not personal.is_sealed(name, personal.SEALED_NAME_CHARS_MAX)


def test_what_is_sealed_alike_differs_by_value_client_field_and_key() -> None:
    tokens = {
        personal.protect_alike(*terms)
        for terms in ((KEY, 7, "name", "Ada"), (KEY, 7, "name", "Ida"), (KEY, 8, "name", "Ada"), (KEY, 7, "x", "Ada"))
    }

    assert len(tokens | {personal.protect_alike(OTHER, 7, "name", "Ada")}) == 5


@pytest.mark.parametrize("text", ["", "Ada", "dd1.", "dd1." + "A" * 36, "dd1." + "A" * 724, "dd1." + "!" * 40])
def test_what_is_no_sealed_name_is_seen_not_to_be(text: str) -> None:
    assert not personal.is_sealed(text, personal.SEALED_NAME_CHARS_MAX)


@pytest.mark.parametrize(("key", "client", "field"), [(OTHER, 7, "address"), (KEY, 8, "address"), (KEY, 7, "phone")])
def test_a_token_opens_for_no_other_key_client_or_field(key: str, client: int, field: str) -> None:
    token = personal.protect(KEY, 7, "address", ADDRESS)

    with pytest.raises(TokenError, match="of another key, client or field"):
        personal.reveal(key, client, field, token)


def test_a_token_with_one_letter_changed_opens_no_more() -> None:
    token = personal.protect(KEY, 7, "address", ADDRESS)

    for place in range(4, len(token)):
        if token[place] == "=":
            continue
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        sealed = base64.urlsafe_b64decode(changed.removeprefix("dd1."))
        if sealed == base64.urlsafe_b64decode(token.removeprefix("dd1.")):
            continue  # bits of the last letter that say nothing
        with pytest.raises(TokenError):
            personal.reveal(KEY, 7, "address", changed)


@pytest.mark.parametrize(
    "text", ["", "dd1.", "12 Harbour Street", "dd1.AAAA", "dd1.!!!!", "dd1." + "A" * 9_000, "dd1.ü"]
)
def test_what_is_no_token_is_refused(text: str) -> None:
    assert not personal.is_token(text)
    with pytest.raises(TokenError, match="expected a token"):
        personal.reveal(KEY, 7, "address", text)


def test_a_value_that_is_too_long_is_refused() -> None:
    with pytest.raises(Refused, match="longer than 4,096 bytes"):
        personal.protect(KEY, 7, "address", "x" * (VALUE_BYTES_MAX + 1))


def test_keys_are_32_bytes_and_fresh() -> None:
    assert len(bytes.fromhex(personal.new_key())) == 32
    assert personal.new_key() != personal.new_key()
