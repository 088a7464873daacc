"""The catalogues hold every sentence that Tiwizi says, whole, and none that it does not."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

from tiwizi.assistant import HEADINGS
from tiwizi.corrections import UnknownCorrection
from tiwizi.server import errors as server_errors
from tiwizi.server.seen import KINDS, MUCH, SURE
from tiwizi.server.shown import ROUTES
from tiwizi.server.understanding import CONSENT, PROBLEMS
from tiwizi.wording import CATALOGUES, LABELS, LANGUAGES, SCRIPTS, say

SOURCE = Path(__file__).parents[2] / "src" / "tiwizi"
PLACE = re.compile(r"\{[^}]*\}")
# Where `say` is given a message that does not stand in the call itself, and the messages that it may be given there.
ELSEWHERE = {
    "assistant/answer.py": 1,  # the disclosure
    "assistant/compose.py": 1,  # headings
    "server/pages.py": 1,  # what templates pass on
    "server/understanding.py": 1,  # the words of a consent
    "wording/names.py": 2,  # languages and scripts
}


def calls() -> Iterator[tuple[str, str | None]]:
    """Every call of `say`: its file, and its message when that stands there as a literal."""
    for file in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                first = node.args[0]
                literal = isinstance(first, ast.Constant) and isinstance(first.value, str)
                yield str(file.relative_to(SOURCE)), first.value if literal else None  # type: ignore[attr-defined]


def in_templates() -> Iterator[str]:
    """Every message that stands in a template."""
    for file in sorted((SOURCE / "server" / "templates").glob("*.html")):
        tree = Environment().parse(file.read_text("utf-8"))
        for _, _, message in extract_from_ast(tree, ("_", "s")):
            if isinstance(message, str):
                yield message
            elif isinstance(message, tuple) and isinstance(message[0], str):
                yield message[0]


def refused() -> Iterator[str]:
    """The sentences of errors that have one of their own."""
    for node in ast.walk(ast.parse((SOURCE / "errors.py").read_text("utf-8"))):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "template":
            assert isinstance(node.value, ast.Constant)
            yield node.value.value  # type: ignore[misc]


def messages() -> set[str]:
    disclosure = re.findall(r'^DISCLOSURE = "(.*)"$', (SOURCE / "assistant/answer.py").read_text("utf-8"), re.M)
    told = (server_errors.APOLOGY, server_errors.CLOSED, server_errors.NOWHERE, server_errors.UNREAD)
    literal = {message for _, message in calls() if message is not None}
    return (
        literal
        | set(in_templates())
        | set(refused())
        | set(HEADINGS.values())
        | set(ROUTES.values())
        | {*CONSENT, *PROBLEMS.values(), *KINDS.values(), *MUCH, *(sure for _, sure in SURE)}
        | {*LANGUAGES.values(), *LABELS.values(), *SCRIPTS.values(), UnknownCorrection.template}
        | {*disclosure, *told}
    )


MESSAGES = sorted(messages())


def read(catalogue: str) -> dict[str, str]:
    with (SOURCE / "wording" / f"{catalogue}.po").open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id}


def test_messages_were_found_in_every_place() -> None:
    assert {"Sources", "article {number}", "Your question", "Fee or amount", "I found no answer in my sources."} <= set(
        MESSAGES
    )
    assert len(MESSAGES) > 50


def test_messages_are_given_from_afar_only_where_this_test_knows_it() -> None:
    """Otherwise a sentence could go untranslated unseen: write it in the call, or teach `messages` where it is."""
    found: dict[str, int] = {}
    for file, message in calls():
        if message is None:
            found[file] = found.get(file, 0) + 1
    assert found == ELSEWHERE


@pytest.mark.parametrize("catalogue", CATALOGUES)
def test_a_catalogue_holds_every_message_and_no_other(catalogue: str) -> None:
    entries = read(catalogue)
    missing, unused = set(MESSAGES) - set(entries), set(entries) - set(MESSAGES)
    assert not missing and not unused
    assert not [message for message, said in entries.items() if not said.strip()]


@pytest.mark.parametrize("catalogue", CATALOGUES)
def test_a_translation_has_the_places_of_its_message(catalogue: str) -> None:
    for message, said in read(catalogue).items():
        assert sorted(PLACE.findall(message)) == sorted(PLACE.findall(said)), said


FOREIGN = {  # letters that have no business in a catalogue, outside places, names in brackets and codes
    "fr": r"[\u0600-\u06FF\u2D30-\u2D7F]",
    "ar": r"[A-Za-zÀ-ÿ\u2D30-\u2D7F\u0660-\u0669]",
    "ary": r"[A-Za-zÀ-ÿ\u2D30-\u2D7F\u0660-\u0669]|خصكم| تاع |اللى",
    "zgh": r"[A-Za-zÀ-ÿ\u0600-\u06FF\u2D3B]",
}


@pytest.mark.parametrize("catalogue", CATALOGUES)
def test_a_catalogue_is_written_in_its_own_letters(catalogue: str) -> None:
    for said in read(catalogue).values():
        own = re.sub(r"\([^)]*\)|UTF-8", "", PLACE.sub("", said))
        assert not re.search(FOREIGN[catalogue], own), said


@pytest.mark.parametrize("catalogue", ["ar", "ary", "zgh"])
def test_a_catalogue_that_no_native_reader_signed_says_so(catalogue: str) -> None:
    assert "DRAFT" in (SOURCE / "wording" / f"{catalogue}.po").read_text("utf-8").splitlines()[0]


@pytest.mark.parametrize("tag", ["fr", "ar", "ary-Arab", "ary-Latn", "zgh-Tfng", "zgh-Latn"])
def test_values_are_filled_in_in_every_language(tag: str) -> None:
    values = {"topic": "T0", "where": "x.ma", "number": 7, "date": "D0", "length": 5, "limit": 4, "position": 3}
    for message in MESSAGES:
        texts = dict.fromkeys(("first", "second", "language", "words", "letters", "institution", "licence"), "x")
        given = {**values, **texts, "kind": "model", "name": "n", "available": "m"}
        said = say(message, tag, **given)
        assert "{" not in said and "}" not in said
