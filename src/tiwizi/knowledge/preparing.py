"""Cutting what was read into passages with their search keys, in a process of its own.

It is the part of taking documents in that computes: in the process of a server it would hold up answers. That process
is `preparing_child.py`.
"""

import os
import struct
import subprocess
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock, Timer
from typing import IO, Self

import msgspec

from tiwizi.errors import Trouble, Unreadable
from tiwizi.knowledge.documents.values import Read
from tiwizi.knowledge.home import NewPassage
from tiwizi.knowledge.passages import cut
from tiwizi.knowledge.remembered import digest_of, given
from tiwizi.language import search_keys, understand, understand_many

CHILD = Path(__file__).with_name("preparing_child.py")
LENGTH = struct.Struct("<I")
TOLD_BY = 300  # characters by which the language of a passage is told: as sure as by all of it, in a third of the time
TOGETHER = 256  # passages whose languages are told at once
SLOWEST = 50_000  # characters a second that even a busy machine prepares
START_SECONDS = 60


class Prepared(msgspec.Struct, frozen=True):
    """The passages of a document, and its language."""

    language: str
    passages: list[NewPassage]


def prepared(read: Read) -> Prepared:
    """Return the passages of `read`, each with its language and the keys it is found by."""
    passages = cut(read)
    texts = [read.text[p.start : p.end] for p in passages]
    languages = _languages([text[:TOLD_BY] for text in texts])
    rows = [
        NewPassage(
            start=passage.start,
            end=passage.end,
            page=passage.page,
            article=passage.article,
            heading=passage.heading,
            language=language,
            meaning=digest_of("passage", given(read.title, passage.heading, body)),
            words=_keys(body, language),
            about=_about(f"{read.title} {passage.heading}"),
        )
        for passage, body, language in zip(passages, texts, languages, strict=True)
    ]
    main = max(set(languages), key=languages.count) if languages else understand(read.text[:2_000]).language
    return Prepared(main, rows)


class Preparer:
    """Prepares documents one at a time in a process of its own, started when needed and again after it died.

    A context manager; `prepared` may be called from several threads, which then wait for each other.
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.interrupt()
        with self._lock:
            self._stop()

    def interrupt(self) -> None:
        """End what is under way in another thread."""
        child = self._child
        if child is not None:
            child.kill()

    def prepared(self, read: Read) -> Prepared:
        """Return what the function `prepared` returns.

        Raises Unreadable when that is too much for the process, and Trouble when no process can be started.
        """
        request = msgspec.msgpack.encode(read)
        with self._lock:
            answer = _asked(self._started(), request, START_SECONDS + len(read.text) / SLOWEST)
            if answer is None:
                self._stop()
                raise Unreadable("it is too much to be cut into passages; split it")
        return msgspec.msgpack.decode(answer, type=Prepared)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self._stop()
        folders = [str(Path(folder).absolute()) for folder in sys.path if folder]
        environment = {"PYTHONPATH": os.pathsep.join(folders), "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}
        command = [sys.executable, "-P", "-s", "-X", "utf8", str(CHILD)]
        try:
            self._child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
            )
        except OSError as error:
            raise Trouble(f"The process that cuts documents does not start: {error.strerror}.") from None
        return self._child

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.communicate()


def receive(source: IO[bytes]) -> bytes | None:
    """Return the next frame, None at the end."""
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    size = LENGTH.unpack(head)[0]
    frame = source.read(size)
    return frame if len(frame) == size else None


def send(target: IO[bytes], frame: bytes) -> None:
    """Write one frame."""
    target.write(LENGTH.pack(len(frame)) + frame)
    target.flush()


def _asked(child: subprocess.Popen[bytes], request: bytes, seconds: float) -> bytes | None:
    """The answer to a request, None when the process died or had to be ended."""
    assert child.stdin is not None and child.stdout is not None
    timer = Timer(seconds, child.kill)
    timer.start()
    try:
        send(child.stdin, request)
        return receive(child.stdout)
    except BrokenPipeError:
        return None
    finally:
        timer.cancel()


def _languages(texts: Sequence[str]) -> list[str]:
    told: list[str] = []
    for first in range(0, len(texts), TOGETHER):
        told += [one.language for one in understand_many(texts[first : first + TOGETHER], spans=False)]
    return told


def _keys(text: str, language: str | None = None) -> str:
    return " ".join(search_keys(text, language))


_about = lru_cache(maxsize=1_000)(_keys)  # the passages of one chapter share their headings
