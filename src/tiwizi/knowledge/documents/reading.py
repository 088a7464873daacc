"""Reading files in a guarded process: a parser may hang, crash or eat memory there without harm here."""

import os
import selectors
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

import msgspec

from tiwizi.errors import Trouble, Unreadable
from tiwizi.knowledge.documents.asking import Answer, Ask, Begin
from tiwizi.knowledge.documents.values import HoldsFiles, Limits, Member, Read

CHILD = Path(__file__).with_name("child.py")
LENGTH = struct.Struct("<I")
START_SECONDS = 60  # a cold disk may take a while to load Python
MOST_RESTARTS = 2
OUT_OF_MEMORY = 70  # the child's exit status
# how PDFium and the C library end a process that asks for more memory than it gets
MEMORY_SIGNALS = {signal.SIGABRT, signal.SIGTRAP, signal.SIGILL}


class Reader:
    """Reads files one at a time in a process of its own, started when needed and again after it died.

    The process gets no variable of this one's environment, may not write files, and ends with this one. A context
    manager; its methods may be called from several threads, which then wait for each other.

    A file may hold others. To take in all that there is to read below `path`, down to `inside`:

        def below(path, inside=()):
            try:
                keep(reader.read(path, inside))
            except HoldsFiles:  # a ZIP file: no words of its own
                pass
            except Unreadable as error:
                list_unread(path, inside, str(error))
                return
            for member in reader.members(path, inside):
                if member.reason:
                    list_unread(path, (*inside, member.name), member.reason)
                elif member.holds:
                    below(path, (*inside, member.name))
                else:
                    keep(reader.read(path, (*inside, member.name)))  # or list its reason

    A member whose digest is known needs no reading. Members are quickest read in their order, without other files
    between them: the file around them then stays open.
    """

    def __init__(self, limits: Limits, tesseract: str | None = None) -> None:
        """`tesseract` is where that program is: None looks for it, an empty string does without it."""
        self._begin = Begin(limits, (shutil.which("tesseract") or "") if tesseract is None else tesseract)
        self._limits = limits
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process; the next `read` would start another."""
        with self._lock:
            self._stop()

    def interrupt(self) -> None:
        """End what is under way in another thread, which is then told that the file cannot be read."""
        child = self._child
        if child is not None:
            child.kill()

    def read(self, path: Path, inside: Sequence[str] = ()) -> Read:
        """Return the text of the file at `path`, whatever its name says it is.

        `inside` leads to a member: ("annexe.zip", "tarifs.csv") is that file of the ZIP file within `path`. Raises
        Unreadable with a plain reason, HoldsFiles (one of these) when it is a ZIP file, and Trouble when no process
        can be started.
        """
        answer = self._answer(Ask(os.fsencode(path.absolute()), tuple(inside), members=False))
        if answer.read is None:
            raise (HoldsFiles if answer.holds else Unreadable)(answer.reason)
        return answer.read

    def members(self, path: Path, inside: Sequence[str] = ()) -> list[Member]:
        """Return the files that a ZIP file holds or that are attached to an e-mail; none for ordinary documents.

        Left out are folders, hidden files, and the pictures within the words of an e-mail; every other file is there,
        with the reason if it cannot be read. Raises as `read` does when the file itself is damaged or beyond limits.
        """
        answer = self._answer(Ask(os.fsencode(path.absolute()), tuple(inside), members=True))
        if answer.members is None:
            raise Unreadable(answer.reason)
        return answer.members

    def _answer(self, ask: Ask) -> Answer:
        with self._lock:
            try:
                return self._asked(ask)
            except Unreadable:
                raise
            except BaseException:
                self._stop()  # an answer may be half read: nothing more may be asked of this process
                raise

    def _asked(self, ask: Ask) -> Answer:
        for _ in range(MOST_RESTARTS):
            child = self._started()
            try:
                _send(child, msgspec.msgpack.encode(ask))
                break
            except BrokenPipeError:  # it died between two files, of no fault of this one
                self._stop()
        else:
            raise Trouble("The process that reads files ends at once. Run `tiwizi doctor` to see what is missing.")
        answer = Answer(wait=self._limits.seconds)
        while answer.wait:
            try:
                frame = _receive(child, answer.wait + 1)
            except TimeoutError:
                self._stop()
                raise Unreadable(self._too_long()) from None
            if frame is None:
                status = child.wait()
                self._stop()
                raise Unreadable(self._cause(status))
            answer = msgspec.msgpack.decode(frame, type=Answer)
        return answer

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self._stop()
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-s", "-X", "utf8", str(CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            bufsize=0,
            start_new_session=True,  # one group with the Tesseract it may start, to end both
        )
        _send(self._child, msgspec.msgpack.encode(self._begin))
        try:
            ready = _receive(self._child, START_SECONDS)
        except TimeoutError:
            ready = None
        if ready is None:
            self._stop()
            raise Trouble("The process that reads files does not start. Run `tiwizi doctor` to see what is missing.")
        return self._child

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()

    def _cause(self, status: int) -> str:
        memory = f"more than the {self._limits.memory:,} bytes of memory allowed"
        if status == OUT_OF_MEMORY:
            return f"reading it takes {memory}; split it"
        if status == -signal.SIGXCPU:
            return self._too_long()
        if -status in MEMORY_SIGNALS:
            return f"its reader stopped: it is damaged, or needs {memory}"
        return f"it makes its reader crash ({_name(status)}); it is damaged, export or download it again"

    def _too_long(self) -> str:
        return f"it takes longer than the {self._limits.seconds} seconds allowed to read"


def _environment() -> dict[str, str]:
    # nothing is handed down but where to import from: no key or password of the server reaches a parser
    folders = [str(Path(folder).absolute()) for folder in sys.path if folder]
    return {"PYTHONPATH": os.pathsep.join(folders), "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}


def _send(child: subprocess.Popen[bytes], frame: bytes) -> None:
    assert child.stdin is not None
    child.stdin.write(LENGTH.pack(len(frame)) + frame)


def _receive(child: subprocess.Popen[bytes], seconds: float) -> bytes | None:
    """Return the next frame, or None when the process ended; raises TimeoutError."""
    assert child.stdout is not None
    deadline = time.monotonic() + seconds
    with selectors.DefaultSelector() as waiting:
        waiting.register(child.stdout, selectors.EVENT_READ)
        head = _exactly(child.stdout.fileno(), LENGTH.size, waiting, deadline)
        return head and _exactly(child.stdout.fileno(), LENGTH.unpack(head)[0], waiting, deadline)


def _exactly(source: int, count: int, waiting: selectors.BaseSelector, deadline: float) -> bytes | None:
    received = bytearray()
    while len(received) < count:
        if not waiting.select(max(0.0, deadline - time.monotonic())):
            raise TimeoutError
        piece = os.read(source, min(count - len(received), 1 << 20))
        if not piece:
            return None
        received += piece
    return bytes(received)


def _name(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"status {status}"
