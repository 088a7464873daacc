"""The page that tells the language of a text, and what a person may say is wrong with it.

A text travels in the body of a request and never in an address, so that no log and no history has it; the examples
have numbers. Nothing is kept unless a person sends a correction and agrees to what `CONSENT` says.
"""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Annotated

from litestar import Response, get, post
from litestar.params import Parameter
from litestar.response import Redirect
from msgspec import Struct

from tiwizi.assistant import Desk
from tiwizi.corrections import Correction, UnknownCorrection, delete, propose, recall
from tiwizi.errors import EmptyText, NotThere, TextTooLong
from tiwizi.language import Utterance
from tiwizi.language import understand as look
from tiwizi.server.pages import Visit, form_of, page
from tiwizi.server.seen import Seen, in_letters, letters_for, seen
from tiwizi.server.texts import short_enough
from tiwizi.server.tongues import tongue_of
from tiwizi.wording import LANGUAGES, say

LICENCE = "CC0 1.0"
CONSENT = (  # what a person agrees to; a change of one word makes it another consent
    "What is kept: the text, what this page said of it, your correction and your note, the day, the language of this "
    "page and the version of the models. Nothing that says who you are.",
    "Personal data is looked for and hidden first, but some may be missed: please take out names, numbers and "
    "addresses.",
    "Why: to correct the tables and models that read our languages. People of {institution}, and those who look after "
    "these tables and models, read it.",
    "The sentence and its correction may be published under the licence {licence}: then anyone may use them for "
    "anything. What is published cannot be called back. Send only words that are yours.",
    "It is kept for two years at most. You get a code at once: with it you can see what is kept, and delete it, "
    "whenever you want.",
    "You are free to send nothing. Law 09-08 gives you the rights of access, rectification and opposition (articles 7 "
    "to 9): if you have lost the code, ask {institution}.",
)
LEGAL = ("ar", "fr")  # the languages in which the words bind; the other tongues explain them
PROBLEMS = {  # the field at fault, and what is said of it
    "about": "Choose what is wrong.",
    "language": "Choose the right language.",
    "writing": "Write how it should be written.",
    "consent": "Tick the box if you agree: without it, nothing is kept and nothing is sent.",
}


class Problem(Struct, frozen=True):
    """What is wrong with one field of the form."""

    field: str
    message: str
    values: dict[str, object] = {}


Number = Annotated[int | None, Parameter(ge=1)]


@get("/understand", include_in_schema=False)
async def text_page(request: Visit, desk: Desk, example: Number = None) -> Response[str]:
    """The box for a text; `?example=` opens one of the examples."""
    if example is None:
        return page(request, "understand.html", **_blank())
    if example > len(samples()):
        raise NotThere(kind="example", name=str(example), available=f"1 to {len(samples())}")
    return _shown(request, desk, samples()[example - 1][1])


@post("/understand", status_code=200, include_in_schema=False)
async def understand_page(request: Visit, desk: Desk) -> Response[str]:
    """What a text is, and why; see `error_page` for what is wrong with a text."""
    text = (await form_of(request)).get("text", "")
    if not text.strip():
        raise EmptyText
    short_enough(text, desk)
    return _shown(request, desk, text)


@post("/corrections", status_code=200, include_in_schema=False)
async def correct(request: Visit, desk: Desk) -> Response[str]:
    """Keep a correction, if the person agrees, and give the code that takes it back."""
    form = await form_of(request)
    text = form.get("text", "")
    if not text.strip():
        raise EmptyText
    short_enough(text, desk)
    utterance = look(text, explain=True)
    correction, problems = read_correction(form, utterance, desk.settings.max_question)
    if correction is None or problems:
        return _shown(request, desk, text, 400, form=form, problems=problems, utterance=utterance)
    tongue = tongue_of(request)
    code = await propose(desk.store, correction, tongue.code, consent_version(tongue.code))
    return page(request, "corrected.html", code=code)


@get("/corrections", include_in_schema=False)
async def corrections_page(request: Visit) -> Response[str]:
    """Where a code is typed, to see or delete what is kept under it."""
    return page(request, "corrections.html", kept=None, code="", problem="", deleted=False)


@get("/corrections/mine", include_in_schema=False)
async def corrections_again() -> Redirect:
    """Where a browser lands that reloads what was shown under a code."""
    return Redirect("/corrections", status_code=303)


@post("/corrections/mine", status_code=200, include_in_schema=False)
async def mine(request: Visit, desk: Desk) -> Response[str]:
    """Show what is kept under a code or, with `act` at `delete`, delete it."""
    form = await form_of(request)
    code, kept, deleted = form.get("code", ""), None, form.get("act") == "delete"
    try:
        if deleted:
            await delete(desk.store, code)
        else:
            kept = await recall(desk.store, code)
    except UnknownCorrection as error:
        problem = error.template
        return page(request, "corrections.html", 404, kept=None, code=code, problem=problem, deleted=False)
    return page(request, "corrections.html", kept=kept, code=code, problem="", deleted=deleted)


ROUTES = [text_page, understand_page, correct, corrections_page, corrections_again, mine]


def read_correction(
    form: Mapping[str, str], utterance: Utterance, longest: int
) -> tuple[Correction | None, list[Problem]]:
    """Return what a form says is wrong, and the problems with the form; what we said is worked out here again.

    `about` is `language`, `language:2` for the second stretch, or `letters:Arab`.
    """
    problems = [
        Problem(field, TextTooLong.template, {"length": len(form[field]), "limit": longest})
        for field in ("writing", "note")
        if len(form.get(field, "")) > longest
    ]
    if form.get("consent") != "yes":
        problems.append(Problem("consent", PROBLEMS["consent"]))
    about, _, which = form.get("about", "").partition(":")
    spans = {str(number): span for number, span in enumerate(utterance.spans, 1)}
    text, note = utterance.text, form.get("note", "").strip()
    if about == "language" and (not which or which in spans):
        language = form.get("language", "")
        if language not in LANGUAGES:
            return None, [Problem("language", PROBLEMS["language"]), *problems]
        if not which:
            return Correction("language", text, utterance.language, language, note), problems
        span = spans[which]
        return Correction("language", text, span.language, language, note, span.start, span.end), problems
    script = next((script for script in letters_for(utterance) if script == which), None)
    if about == "letters" and script:
        writing = form.get("writing", "").strip()
        if not writing:
            return None, [Problem("writing", PROBLEMS["writing"]), *problems]
        said = in_letters(text, script, utterance.language).text
        return Correction("letters", text, said, writing, note, script=script), problems
    return None, [Problem("about", PROBLEMS["about"]), *problems]


@cache
def consent_version(tongue: str) -> str:
    """Return which words a person agreed to: their language, and a digest of them as they were shown."""
    shown = "\n".join(say(paragraph, tongue, institution="", licence=LICENCE) for paragraph in CONSENT)
    return f"{tongue}:{sha256(shown.encode()).hexdigest()[:16]}"


@cache
def samples() -> list[tuple[str, str]]:
    """Return (language, text) of the examples."""
    rows = files("tiwizi.server").joinpath("samples.tsv").read_text("utf-8").splitlines()
    return [(tag, text) for tag, _, text in (row.partition("\t") for row in rows if row and not row.startswith("#"))]


def _shown(
    request: Visit,
    desk: Desk,
    text: str,
    status: int = 200,
    *,
    form: Mapping[str, str] | None = None,
    problems: list[Problem] | None = None,
    utterance: Utterance | None = None,
) -> Response[str]:
    values = _blank() | {
        "typed": text,
        "seen": seen(utterance or look(text, explain=True)),
        "form": defaultdict(str, form or {}),
        "problems": problems or [],
    }
    return page(request, "understand.html", status, **values)


def _blank() -> dict[str, object]:
    none: Seen | None = None
    return {
        "typed": "",
        "seen": none,
        "problems": [],
        "samples": samples(),
        "consent": CONSENT,
        "legal": LEGAL,
        "licence": LICENCE,
        "languages": LANGUAGES,
    }
