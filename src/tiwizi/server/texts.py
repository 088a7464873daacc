"""What the language room does with a text, as an API: `POST /v1/understand` and `POST /v1/transliterate`.

The replies are those of `tiwizi understand --json` and `tiwizi transliterate --json`.
"""

from typing import Annotated, Literal

from litestar import Response, post
from litestar.params import Body
from msgspec import UNSET, Meta, Struct, UnsetType

from tiwizi.assistant import Desk
from tiwizi.errors import TextTooLong
from tiwizi.language import Candidate, Evidence, Span, Written
from tiwizi.language import transliterate as write
from tiwizi.language import understand as look
from tiwizi.server.bodies import read_as_text


class UnderstandRequest(Struct, frozen=True):
    """A text to look at. Fields that are not listed here are accepted and left aside."""

    text: str
    explain: Annotated[bool, Meta(description="Say which words, letters and rules decided")] = False


class Understood(Struct, frozen=True):
    """The language of a text and of its stretches; offsets count code points, and `end` is the first one after."""

    language: Annotated[str, Meta(description="BCP 47, as in `ary-Latn`; `und` when there is none that we know")]
    script: Annotated[str, Meta(description="ISO 15924; `Zyyy` when there are no letters")]
    confidence: Annotated[float, Meta(description="Probability of `language`")]
    certain: Annotated[bool, Meta(description="False when the evidence does not decide")]
    spans: tuple[Span, ...]
    candidates: Annotated[tuple[Candidate, ...], Meta(description="Likely languages, best first")]
    evidence: Annotated[
        tuple[Evidence, ...] | UnsetType, Meta(description="With `explain`; `weight` is in natural-log odds")
    ] = UNSET


class TransliterateRequest(Struct, frozen=True):
    """A text to write in other letters. Fields that are not listed here are accepted and left aside."""

    text: str
    to: Annotated[Literal["Arab", "Latn", "Tfng"], Meta(description="ISO 15924 code of the letters to write in")]
    language: Annotated[str | None, Meta(description="BCP 47; without it the letters decide")] = None


@post(
    "/v1/understand",
    status_code=200,
    before_request=read_as_text,
    tags=["texts"],
    summary="Tell the language and script of a text, and of each stretch of it",
)
async def understand(data: Annotated[UnderstandRequest, Body()], desk: Desk) -> Response[Understood]:
    short_enough(data.text, desk)
    found = look(data.text, explain=data.explain)
    return Response(
        Understood(
            language=found.language,
            script=found.script,
            confidence=found.confidence,
            certain=found.certain,
            spans=found.spans,
            candidates=found.candidates,
            evidence=found.evidence if data.explain else UNSET,
        ),
        media_type="application/json",
    )


@post(
    "/v1/transliterate",
    status_code=200,
    before_request=read_as_text,
    tags=["texts"],
    summary="Write a text in other letters",
)
async def transliterate(data: Annotated[TransliterateRequest, Body()], desk: Desk) -> Response[Written]:
    short_enough(data.text, desk)
    return Response(write(data.text, data.to, data.language), media_type="application/json")


def short_enough(text: str, desk: Desk) -> None:
    """Raise TextTooLong for a text longer than a question may be."""
    if len(text) > desk.settings.max_question:
        raise TextTooLong(length=len(text), limit=desk.settings.max_question)


ROUTES = [understand, transliterate]
