"""`understand`, `transliterate`, `mask`: text in, results out, the same way for each."""

import json

from .conftest import Run


def lines(output: bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines()]


def given(*texts: str) -> bytes:
    return b"".join(json.dumps({"id": n, "text": text}).encode() + b"\n" for n, text in enumerate(texts))


def test_understand_tells_each_line_in_order(tiwizi: Run) -> None:
    done = tiwizi(
        "understand", "--jsonl", stdin=given("chhal taman dyal lpaspor", "شحال ثمن الباسبور؟", "ⴰⵣⵓⵍ", "12 🙂")
    )
    rows = lines(done.stdout)
    assert [(row["id"], row["language"], row["script"]) for row in rows] == [
        (0, "ary-Latn", "Latn"),
        (1, "ary-Arab", "Arab"),
        (2, "zgh-Tfng", "Tfng"),
        (3, "und", "Zyyy"),
    ]
    assert {"confidence", "spans"} <= rows[0].keys()
    assert done.returncode == 0 and not done.stderr


def test_transliterate_writes_in_the_letters_asked(tiwizi: Run) -> None:
    done = tiwizi("transliterate", "--to", "Arab", "--jsonl", stdin=given("chno khassni?"))
    assert lines(done.stdout)[0]["text"] == "شنو خاصني؟"
    tifinagh = lines(tiwizi("transliterate", "--to", "Tfng", "--jsonl", stdin=given("azul")).stdout)[0]["text"]
    assert tifinagh == "ⴰⵣⵓⵍ"
    assert tiwizi("transliterate", "--to", "Latn", str(tifinagh)).stdout.decode() == "azul\n"


def test_mask_gives_findings_with_offsets_into_the_text(tiwizi: Run) -> None:
    text = "smiti Karim, CIN AB123456, tel 0612345678"
    row = json.loads(tiwizi("mask", "--json", text).stdout)
    assert "AB123456" not in row["masked"] and "0612345678" not in row["masked"]
    assert [text[f["start"] : f["end"]] for f in row["findings"]] == [f["text"] for f in row["findings"]]
    assert {f["kind"] for f in row["findings"]} == {"CIN", "PHONE"}


def test_a_bad_line_is_answered_in_its_place_and_stops_nothing(tiwizi: Run) -> None:
    stdin = given("salam") + b"not json\n" + b'{"id": 7}\n' + b'{"id": 8, "text": "\xff"}\n' + given("bonjour")
    rows = lines(tiwizi("understand", "--jsonl", stdin=stdin).stdout)
    assert ["error" in row for row in rows] == [False, True, True, True, False]
    assert "UTF-8" in rows[3]["error"]["message"]  # type: ignore[index]


def test_lines_are_answered_as_they_come(tiwizi: Run) -> None:
    """A long pipeline does not wait for its end: 2,000 lines in, 2,000 out, in order."""
    done = tiwizi("understand", "--jsonl", stdin=given(*["fin kayn lbiro dyal l7ala lmadania"] * 2_000))
    assert [row["id"] for row in lines(done.stdout)] == list(range(2_000))


def test_an_argument_that_is_not_utf8_is_told(tiwizi: Run) -> None:
    done = tiwizi(b"mask", b"caf\xe9")
    assert done.returncode == 2
    assert done.stderr.decode() == "tiwizi: The text is not valid UTF-8 (byte 3). Save it as UTF-8 and send it again.\n"


def test_standard_input_that_is_not_utf8_is_told(tiwizi: Run) -> None:
    done = tiwizi("understand", stdin=b"bonjour \xff\xfe")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"byte 8" in done.stderr


def test_half_a_character_pair_and_nul_are_read(tiwizi: Run) -> None:
    rows = lines(tiwizi("mask", "--jsonl", stdin=b'{"id": 1, "text": "a\\ud83d\\u0000b"}\n').stdout)
    assert rows[0]["id"] == 1
