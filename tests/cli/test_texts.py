"""`understand`, `transliterate`, `mask`: text in, results out, the same way for each."""

import json
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress

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
    assert set(rows[0]) == {"id", "language", "script", "confidence", "certain", "spans", "candidates"}
    assert done.returncode == 0 and not done.stderr


MIXED = "bghit n3ref l'état d'avancement dyal dossier diali"


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """What a command prints where it stands on a real terminal (a pseudo one, 200 columns wide)."""
    inside, outside = pty.openpty()
    clean = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "TERM")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tiwizi.cli", *arguments],
        stdout=outside,
        env=clean | {"TERM": "xterm-256color", "COLUMNS": "200"} | environment,
    )
    os.close(outside)
    said = b""
    with suppress(OSError):  # Linux says so at the end
        while chunk := os.read(inside, 65_536):
            said += chunk
    os.close(inside)
    assert process.wait() == 0
    return said.decode()


def test_on_a_terminal_each_stretch_has_a_colour_and_a_label() -> None:
    said = on_a_terminal("understand", MIXED)
    assert "\x1b[30;42mbghit" in said and "[fr]" in said and "French" in said
    bare = on_a_terminal("understand", MIXED, NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*[34][0-7]", bare) and "[ary-Latn]" in bare and "[fr]" in bare


def test_elsewhere_there_are_no_colours_and_the_labels_stay(tiwizi: Run) -> None:
    said = tiwizi("understand", MIXED + " [red]x[/red]").stdout.decode()
    assert "\x1b" not in said and "l'état d'avancement" in said and "[fr]" in said and "[red]" in said, (
        "brackets are text"
    )
    first = said.splitlines()[0].split()
    assert first[:2] == ["ary-Latn", "Latn"] and float(first[2]) > 0.5


def test_a_text_does_nothing_to_the_terminal(tiwizi: Run) -> None:
    """Escape sequences and overrides of direction in a text are shown as codes."""
    done = tiwizi("understand", stdin="salam \x1b]0;owned\x07 \u202e khoya\x9b1m".encode())
    assert not set("\x1b\x07\x9b\u202e") & set(done.stdout.decode()) and b"<001B>" in done.stdout


def test_what_is_not_certain_is_said(tiwizi: Run) -> None:
    rows = lines(tiwizi("understand", "--jsonl", stdin=given("الكتاب", "المدرسة", "محمد", "البيت", "السوق")).stdout)
    texts = ("الكتاب", "المدرسة", "محمد", "البيت", "السوق")
    unsure = next(text for row, text in zip(rows, texts, strict=True) if not row["certain"])
    said = tiwizi("understand", unsure).stdout.decode().splitlines()[0]
    assert "not certain; or " in said and ("ary-Arab" in said and " ar" in said)


def test_explain_shows_what_decided(tiwizi: Run) -> None:
    row = json.loads(tiwizi("understand", "--json", "--explain", MIXED).stdout)
    assert row["evidence"] and set(row["evidence"][0]) == {"start", "end", "kind", "what", "language", "weight"}
    said = tiwizi("understand", "--explain", MIXED).stdout.decode()
    heaviest = max(row["evidence"], key=lambda one: abs(one["weight"]))
    assert f"{heaviest['weight']:+6.2f}" in said and MIXED[heaviest["start"] : heaviest["end"]] in said
    assert "evidence" not in json.loads(tiwizi("understand", "--json", MIXED).stdout)


def test_transliterate_writes_in_the_letters_asked(tiwizi: Run) -> None:
    done = tiwizi("transliterate", "--to", "Arab", "--jsonl", stdin=given("chno khassni?"))
    row = lines(done.stdout)[0]
    assert row["text"] == "شنو خاصني؟" and set(row) == {"id", "text", "steps", "candidates"}
    assert row["candidates"][0] == row["text"] and len(row["candidates"]) <= 5  # type: ignore[index,arg-type]
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
