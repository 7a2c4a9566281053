"""What a seal says, who signed it, and the code that a person can write down."""

from __future__ import annotations

import hashlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sealed_log import KEY, OTHER_KEY, PUBLIC

from dealerdesk.commands import seals
from dealerdesk.commands.seals import Code, SealError, Statement

ROOT = hashlib.sha256(b"root").hexdigest()
STATEMENT = Statement(
    database="northwind", key=PUBLIC, number=7, previous="ab" * 32, root=ROOT, sealed_us=1_700_000_000, tree_size=120
)


def test_a_statement_is_canonical_json_with_its_fields_in_order() -> None:
    text, signature = seals.sign(STATEMENT, KEY)

    assert text == (
        f'{{"database":"northwind","key":"{PUBLIC}","number":7,"previous":"{"ab" * 32}","root":"{ROOT}",'
        '"sealed_us":1700000000,"tree_size":120}'
    )
    assert seals.read_statement(text) == STATEMENT
    assert len(bytes.fromhex(signature)) == 64
    assert seals.statement_hash(text) == hashlib.sha256(text.encode()).hexdigest()


def test_only_the_key_that_signed_fits() -> None:
    text, signature = seals.sign(STATEMENT, KEY)

    assert seals.is_signed(text, signature, PUBLIC)
    assert not seals.is_signed(text, signature, seals.public_key(OTHER_KEY))
    assert not seals.is_signed(text.replace("120", "121"), signature, PUBLIC)
    assert not seals.is_signed(text, "00" * 64, PUBLIC)


@pytest.mark.parametrize(("signature", "public"), [("zz", PUBLIC), ("", PUBLIC), ("00" * 64, "00"), ("00" * 64, "key")])
def test_what_is_no_signature_or_no_key_fits_nothing(signature: str, public: str) -> None:
    assert not seals.is_signed("text", signature, public)


def test_a_new_key_signs() -> None:
    key = seals.new_key()
    text, signature = seals.sign(STATEMENT, key)

    assert key != seals.new_key()
    assert seals.is_signed(text, signature, seals.public_key(key))


@pytest.mark.parametrize("key", ["", "11", "secret words", "zz" * 32])
def test_what_is_no_signing_key_is_refused_without_being_repeated(key: str) -> None:
    with pytest.raises(SealError) as refused:
        seals.sign(STATEMENT, key)

    assert str(refused.value) == "expected a signing key of 32 bytes in hex"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"number":1}',
        "[" * 100_000,
        seals.sign(STATEMENT, KEY)[0].replace(",", ", "),
        seals.sign(STATEMENT, KEY)[0].replace('"number":7', '"number":"7"'),
        seals.sign(STATEMENT, KEY)[0].replace('"number":7', '"more":1,"number":7'),
        seals.sign(msgspec.structs.replace(STATEMENT, number=0), KEY)[0],
        seals.sign(msgspec.structs.replace(STATEMENT, tree_size=-1), KEY)[0],
    ],
)
def test_what_is_no_statement_is_refused(text: str) -> None:
    with pytest.raises(SealError, match="expected a seal's"):
        seals.read_statement(text)


def test_a_code_is_eight_groups_of_four() -> None:
    assert seals.code_of(120, ROOT) == seals.code_of(120, ROOT)
    assert [len(group) for group in seals.code_of(120, ROOT).split("-")] == [4] * 8


@given(st.integers(0, 2**40 - 1), st.binary(min_size=32, max_size=32))
def test_a_code_says_the_size_and_how_the_root_begins(size: int, root: bytes) -> None:
    code = seals.code_of(size, root.hex())

    assert seals.read_code(code) == Code(size, root.hex()[:26])
    assert seals.read_code(code.lower().replace("-", " ")) == seals.read_code(code)
    assert seals.read_code(code.replace("O", "0").replace("I", "1").replace("B", "8")) == seals.read_code(code)


@given(st.integers(0, 2**40 - 1), st.integers(0, 31), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_a_misread_letter_is_noticed(size: int, place: int, letter: str) -> None:
    letters = list(seals.code_of(size, ROOT).replace("-", ""))
    if letters[place] == letter:
        return
    letters[place] = letter

    with pytest.raises(SealError, match="misread or miswritten"):
        seals.read_code("".join(letters))


@pytest.mark.parametrize("written", ["", "ABCD", "!!!!", seals.code_of(1, ROOT) + "AAAAAAAA", "ABCD-" * 7 + "ÄBCD"])
def test_what_is_no_code_is_refused(written: str) -> None:
    with pytest.raises(SealError, match="expected a checkpoint code"):
        seals.read_code(written)


def test_a_tree_that_no_code_could_name_is_no_statement() -> None:
    text, _ = seals.sign(msgspec.structs.replace(STATEMENT, tree_size=1 << 60), KEY)

    with pytest.raises(SealError, match="tree size"):
        seals.read_statement(text)
