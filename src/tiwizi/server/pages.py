"""The page to ask from: question, answer, and handing the question to a person. Plain HTML, whole in one round trip."""

from collections.abc import Mapping
from functools import cache, partial
from hashlib import sha256
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.response import Redirect

from tiwizi.assistant import Desk, Question, answer_whole, pass_on
from tiwizi.errors import EmptyText
from tiwizi.server.bodies import body_of, text_of
from tiwizi.server.errors import status_of, told
from tiwizi.server.shown import arranged
from tiwizi.server.tongues import TONGUES, day, examples, name_of, percent, remembered, tongue_of
from tiwizi.wording import direction, label_in, name_in, say

Visit = Request[Any, Any, State]

TYPED = "typed"  # under this name a request keeps what was asked, for the page that may have to show it again


@get("/", include_in_schema=False)
async def ask_page(request: Visit, desk: Desk) -> Response[str]:
    """The question box, and nothing that competes with it; `?q=` fills it in."""
    return page(request, "ask.html", question=request.query_params.get("q", "")[: desk.settings.max_question])


@get("/ask", include_in_schema=False)
async def ask_again() -> Redirect:
    """Where a browser lands that reloads an answer by its address."""
    return Redirect("/", status_code=303)


@post("/ask", status_code=200, include_in_schema=False)
async def ask(request: Visit, desk: Desk) -> Response[str]:
    """The answer; see `error_page` for what is wrong with a question."""
    form = await form_of(request)
    typed = form.get("question", "")
    answer = await answer_whole(Question(typed, tongue_of(request).tag), desk)
    shown = arranged(answer, await desk.library.cards())
    in_its_language = partial(_said, answer.language)
    return page(request, "answer.html", question=typed, answer=answer, shown=shown, s=in_its_language)


@post("/handover", status_code=200, include_in_schema=False)
async def hand_over(request: Visit, desk: Desk) -> Response[str]:
    """Put the question, masked, into the queue of people who answer."""
    form = await form_of(request)
    if not form.get("question", "").strip():
        raise EmptyText
    await pass_on(desk, form.get("receipt", ""), form["question"])
    return page(request, "handover.html", receipt=form["receipt"])


ROUTES = [ask_page, ask_again, ask, hand_over]


def page(request: Visit, template: str, status: int = 200, /, **values: object) -> Response[str]:
    """Return a page in the person's language."""
    tongue = tongue_of(request)
    html = (
        templates()
        .get_template(template)
        .render(
            tongue=tongue,
            tongues=list(TONGUES.values()),
            here=_here(request, status),
            institution=_institution(request),
            examples=examples(tongue),
            _=partial(_said, tongue.code),
            **values,
        )
    )
    return Response(html, status_code=status, media_type="text/html", cookies=remembered(request))


def error_page(request: Visit, error: Exception) -> Response[str]:
    """Return the page that says an error in the person's language, with the box and what was typed in it."""
    message, values = told(error)
    typed = str(request.state.get(TYPED, ""))
    box = "question" if _home(request) == "/" else "text"
    return page(request, "error.html", status_of(error), typed=typed, box=box, problem=message, problem_values=values)


async def form_of(request: Visit) -> Mapping[str, str]:
    """Return the fields of a posted form, line breaks as one character. Raises NotUtf8.

    What was typed is kept with the request even then, so that no error page loses it.
    """
    body = (await body_of(request)).decode("latin-1")  # one character a byte: parse_qsl would swallow what is not UTF-8
    raw = {name: value.encode("latin-1") for name, value in parse_qsl(body, True, encoding="latin-1")}
    request.state[TYPED] = _text(raw.get("question", raw.get("text", b"")).decode(errors="replace"))
    return {name: _text(text_of(value)) for name, value in raw.items()}


def _text(typed: str) -> str:
    return typed.replace("\r\n", "\n")


@cache
def templates() -> Environment:
    """Return the environment of the templates: everything that is put into a page is escaped."""
    environment = Environment(
        loader=PackageLoader("tiwizi.server"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        direction=direction,
        name_of=name_of,
        name_in=name_in,
        label_in=label_in,
        said=_said,
        percent=percent,
        static=static,
        day=day,
    )
    return environment


@cache
def static(name: str) -> str:
    """Return the address of a static file, with a digest: it may be kept for a year and changes with the file."""
    content = files("tiwizi.server").joinpath("static", name).read_bytes()
    return f"/static/{name}?{sha256(content).hexdigest()[:12]}"


def _said(tag: str, message: str, /, **values: object) -> str:
    return say(message, tag, **values)


def _here(request: Visit, status: int) -> str:
    """The address of this page in another language: its own, or that of the box that a form was sent from."""
    path = "/" + request.url.path.lstrip("/")  # a path such as //host would lead elsewhere
    return path if request.method == "GET" and status == 200 else _home(request)


def _home(request: Visit) -> str:
    """Where the form of this page begins."""
    path = request.url.path
    if path.startswith("/corrections/"):
        return "/corrections"
    return "/understand" if path in ("/understand", "/corrections") else "/"


def _institution(request: Visit) -> str:
    desk: Desk | None = request.app.state.get("desk")
    return desk.settings.name if desk else "Tiwizi"
