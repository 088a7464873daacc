"""A receipt is checked by anyone, offline, and a single changed bit is found."""

import asyncio
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from on_record import ANSWER, QUESTION, append, append_many, with_ledger

from tiwizi.errors import NotUtf8, Unverified
from tiwizi.governance import Ledger, Receipt, encode_receipt, verify
from tiwizi.governance.receipts import answer_commitment, question_commitment, receipt_number, spell_number

DOCS = Path(__file__).parents[2] / "docs" / "verify.md"


@pytest.fixture(scope="module")
def receipts(tmp_path_factory: pytest.TempPathFactory) -> list[Receipt]:
    """The first twelve of a ledger."""
    return asyncio.run(with_ledger(tmp_path_factory.mktemp("home"), lambda ledger: append_many(ledger, 12)))


def holds(data: bytes, key: str | None = None) -> bool:
    try:
        verify(data, key)
    except Unverified:
        return False
    return True


def test_a_receipt_holds_and_comes_back_whole(receipts: list[Receipt]) -> None:
    for number, receipt in enumerate(receipts):
        assert verify(encode_receipt(receipt), receipt.key, question=QUESTION, answer=ANSWER) == receipt
        assert (receipt.index, receipt.size) == (number, number + 1)


def test_every_bit_of_the_file_counts(receipts: list[Receipt]) -> None:
    data = encode_receipt(receipts[10])
    survivors = [
        (place, bit)
        for place in range(len(data))
        for bit in range(8)
        if holds(data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :])
    ]
    assert survivors == []


@pytest.mark.parametrize("added", [b" ", b"0", b"="])
def test_nothing_can_be_added_or_removed(receipts: list[Receipt], added: bytes) -> None:
    data = encode_receipt(receipts[10])
    assert not any(holds(data[:place] + added + data[place:]) for place in range(len(data) + 1))
    assert not any(holds(data[:place] + data[place + 1 :]) for place in range(len(data) - 1))


@pytest.mark.parametrize(
    "style", [{}, {"indent": 2}, {"indent": 4}, {"ensure_ascii": False}, {"separators": (",", ":")}]
)
def test_a_receipt_that_a_json_library_wrote_holds_and_a_stray_space_in_it_does_not(
    receipts: list[Receipt], style: dict[str, Any]
) -> None:
    """People take the receipt out of an answer and keep it in their own way."""
    data = json.dumps(json.loads(encode_receipt(receipts[10])), **style).encode()
    assert holds(data) and holds(data + b"\n")
    assert not holds(data + b" ") and not holds(data.replace(b'"size"', b' "size"'))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b'"route": "card"', b'"route": "quote"', "is not this record"),
        (b'"index": 10', b'"index": 9', "fewer than|more than|is not this record"),
        (b'"index": 10', b'"index": 11', "not in a tree of 11"),
        (b'"size": 11', b'"size": 12', "checkpoint is of 11 entries"),
        (b'"salt": "', b'"salt": "00', "64 lower-case"),
        (b"tiwizi-receipt/1", b"tiwizi-receipt/2", "not a receipt"),
        (b'"index": 10', b'"index":  10', "byte .* is not as a receipt is written"),
        (b'"version": 1', b'"version": 1,\n    "x": 1', "not a receipt"),
        (b'"joules": null,\n    ', b"", "byte .* is not as a receipt is written"),
        (b'"milliseconds": 12', b'"milliseconds": 13', "is not this record"),
    ],
)
def test_the_part_at_fault_is_named(receipts: list[Receipt], old: bytes, new: bytes, message: str) -> None:
    data = encode_receipt(receipts[10])
    assert old in data
    with pytest.raises(Unverified, match=message):
        verify(data.replace(old, new))


@pytest.mark.parametrize("data", [b"", b"{}", b"null", b"[" * 100_000, b"\xff\xfe", b'{"format": "\xff"}', b"\x00" * 9])
def test_what_is_no_receipt_is_refused_plainly(data: bytes) -> None:
    with pytest.raises(Unverified, match="not a receipt"):
        verify(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_plainly(data: bytes) -> None:
    assert not holds(data)


def test_another_key_or_other_words_are_refused(receipts: list[Receipt], tmp_path: Path) -> None:
    data, stranger = encode_receipt(receipts[0]), asyncio.run(with_ledger(tmp_path, append))
    assert verify(data, f"{receipts[0].key}\n") == receipts[0]
    with pytest.raises(Unverified, match="was given under the key"):
        verify(data, stranger.key)
    with pytest.raises(Unverified, match="another question"):
        verify(data, question=f"{QUESTION} ")
    with pytest.raises(Unverified, match="another answer"):
        verify(data, answer=QUESTION)
    with pytest.raises(NotUtf8):
        verify(data, question="\ud800")


def test_a_stranger_can_not_pass_a_receipt_off_under_a_published_name(receipts: list[Receipt], tmp_path: Path) -> None:
    """The same name with another key has another key id: the receipt agrees with itself only."""
    forged = asyncio.run(with_ledger(tmp_path, append))
    assert forged.key.partition("+")[0] == receipts[0].key.partition("+")[0]
    assert holds(encode_receipt(forged)) and not holds(encode_receipt(forged), receipts[0].key)


def test_the_number_goes_with_the_salt_and_reads_well() -> None:
    numbers = {receipt_number(bytes([n]) * 32) for n in range(200)}
    assert len(numbers) == 200
    assert all(re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", number) for number in numbers)


@pytest.mark.parametrize(
    "typed", ["7F3K-9QTM-4C2A-X0R1", "7f3k9qtm4c2ax0r1", "7F3K 9QTM 4C2A XORL", "7f3k-9qtm-4c2a-xoRi"]
)
def test_a_number_is_read_as_people_type_it(typed: str) -> None:
    assert spell_number(typed) == "7F3K-9QTM-4C2A-X0R1"


def test_a_question_and_an_answer_of_the_same_words_do_not_look_alike() -> None:
    salt = bytes(32)
    assert question_commitment(salt, "سلام") != answer_commitment(salt, "سلام")
    assert question_commitment(salt, "سلام") != question_commitment(bytes(31) + b"\x01", "سلام")


def test_half_a_letter_is_bad_input_and_leaves_no_entry(tmp_path: Path) -> None:
    async def use(ledger: Ledger) -> int:
        with pytest.raises(NotUtf8):
            await append(ledger, question="a\ud83d")
        return await ledger.audit()

    assert asyncio.run(with_ledger(tmp_path, use)) == 0


def test_checking_a_receipt_loads_neither_database_nor_policies() -> None:
    heavy = "sqlalchemy", "cryptography", "cedarpy", "asyncio"
    code = f"import sys, tiwizi.governance; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_the_script_in_the_documentation_agrees(receipts: list[Receipt], tmp_path: Path) -> None:
    """A stranger with the page, a receipt and the key needs nothing of ours."""
    script, file = tmp_path / "verify.mjs", tmp_path / "receipt.json"
    (code,) = re.findall(r"```javascript\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    script.write_text(code, "utf-8")

    def run(data: bytes, key: str) -> str:
        file.write_bytes(data)
        done = subprocess.run(["node", script, file, key], capture_output=True, text=True)
        return (done.stdout if done.returncode == 0 else done.stderr).strip()

    for receipt in receipts[:1] + receipts[6:8] + receipts[10:]:
        expected = f"valid: receipt {receipt.number} of {receipt.record.time}, entry {receipt.index} of {receipt.size}"
        assert run(encode_receipt(receipt), receipt.key) == expected
    data, key = encode_receipt(receipts[10]), receipts[10].key
    for old, new, part in [
        (b'"card"', b'"quote"', "place in the tree"),
        (b'"index": 10', b'"index": 9', "length of the proof"),
        (b'"index": 10', b'"index":  10', "form"),
        (receipts[10].salt.encode(), bytes(64).hex()[:64].encode(), "number"),
        (b"Tiwizi\\n11", b"Tiwizi\\n12", "signature"),
    ]:
        assert old in data
        assert run(data.replace(old, new), key) == f"does not hold: {part}"
    assert run(data, "another+key") == "does not hold: key"
