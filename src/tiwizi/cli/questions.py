"""`ask` and `search`: commands that use what the instance knows."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from tiwizi.cli.instance import Home, home_of
from tiwizi.cli.lines import AsJson, AsJsonLines, Row, Text, encode, failure, given, parse_line, write_line
from tiwizi.errors import EmptyText, TiwiziError

if TYPE_CHECKING:
    from tiwizi.assistant import Answer, Desk

Limit = Annotated[int, typer.Option("--limit", min=1, max=100, help="Passages returned at most")]


def ask(
    text: Text = None,
    receipt: Annotated[Path | None, typer.Option(help="Keep the receipt in this file")] = None,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
    home: Home = None,
) -> None:
    """Answer a question from the instance's documents, with citations and a receipt."""
    asyncio.run(_ask(text, receipt, json, jsonl, home_of(home)))


async def _ask(text: str | None, keep: Path | None, as_json: bool, as_json_lines: bool, home: Path) -> None:
    from tiwizi.assistant import Question, answer_whole, open_desk, prepare

    async with open_desk(home) as desk:
        await prepare(desk)
        if as_json_lines:
            await _each_line(lambda text: _answer_row(text, desk))
            return
        answered = await answer_whole(Question(given(text)), desk)
        if keep is not None:
            from tiwizi.governance import encode_receipt

            keep.write_bytes(encode_receipt(answered.receipt))
        if as_json:
            print(msgspec.json.format(encode(_row(answered)), indent=2).decode())
        else:
            _show(answered)


async def _answer_row(text: str, desk: "Desk") -> Row:
    from tiwizi.assistant import Question, answer_whole

    return _row(await answer_whole(Question(text), desk))


def _row(answered: "Answer") -> Row:
    return {
        "answer_text": answered.text,
        "language": answered.language,
        "route": answered.route,
        "topic": answered.topic,
        "citations": msgspec.to_builtins(answered.citations),
        "disclosure": answered.disclosure,
        "reason": answered.reason,
        "receipt": msgspec.to_builtins(answered.receipt),
    }


def _show(answered: "Answer") -> None:
    from tiwizi.assistant import line_of, numbered
    from tiwizi.wording import say

    numbers = numbered(answered)
    for segment in answered.segments:
        marks = "".join(f" [{numbers[place]}]" for place in segment.citations)
        print(("\n" if segment.part in {"heading", "lead", "closing"} else "") + line_of(segment) + marks)
    if numbers:
        print("\n" + say("Sources", answered.language))
    for number in sorted(set(numbers.values())):
        cited = next(answered.citations[place] for place, known in numbers.items() if known == number)
        where = ", ".join(str(part) for part in (cited.title, _article(cited.article, answered.language)) if part)
        print(f"[{number}] {where} ({cited.document})\n    {cited.url}")
    receipt = say("Receipt: {number}", answered.language, number=answered.receipt.number)
    print(f"\n{answered.disclosure}\n{receipt}")


def _article(article: str | None, language: str) -> str:
    from tiwizi.wording import say

    return say("article {number}", language, number=article) if article else ""


def search(
    text: Text = None, limit: Limit = 10, json: AsJson = False, jsonl: AsJsonLines = False, home: Home = None
) -> None:
    """Find passages and cards, and say which signals found them."""
    asyncio.run(_search(text, limit, json, jsonl, home_of(home)))


async def _search(text: str | None, limit: int, as_json: bool, as_json_lines: bool, home: Path) -> None:
    from tiwizi.assistant import open_desk, prepare

    async with open_desk(home) as desk:
        await prepare(desk)
        if as_json_lines:
            await _each_line(lambda text: _found(text, limit, desk))
            return
        row = await _found(given(text), limit, desk)
        if as_json:
            print(msgspec.json.format(encode(row), indent=2).decode())
            return
        for card in row["cards"]:
            print(f"{card['score']:.2f}  {card['card']}")
        for result in row["results"]:
            article = f" art. {result['article']}" if result["article"] else ""
            print(f"{result['score']:.2f}  {result['document']}{article}  {' '.join(result['text'].split())[:100]}")


async def _found(text: str, limit: int, desk: "Desk") -> Row:
    from tiwizi.language import understand
    from tiwizi.privacy import screen

    if not text.strip():
        raise EmptyText
    evidence = await desk.library.search(screen(text).masked, understand(text).language, limit)
    names = ("document", "title", "article", "page", "heading", "start", "end", "text", "language", "score", "signals")
    return {
        "results": [{name: getattr(passage, name) for name in names} for passage in evidence.passages],
        "cards": [
            {"card": found.card.id, "need": found.need, "score": found.score, "signals": found.signals}
            for found in evidence.cards
        ],
    }


async def _each_line(work: Callable[[str], Awaitable[Row]]) -> None:
    while data := await asyncio.to_thread(sys.stdin.buffer.readline):
        if not data.strip():
            continue
        identity = None
        try:
            line = parse_line(data)
            identity = line.id
            write_line({"id": identity, **await work(line.text)})
        except TiwiziError as error:
            write_line(failure(identity, error))
