"""Reading files in a guarded process: a parser may hang, crash or eat memory there without harm here."""

import os
import selectors
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

import msgspec

from tiwizi.errors import Trouble, Unreadable
from tiwizi.knowledge.documents.values import Limits, Read

CHILD = Path(__file__).with_name("child.py")
LENGTH = struct.Struct("<I")
START_SECONDS = 60  # a cold disk may take a while to load Python
MOST_RESTARTS = 2
OUT_OF_MEMORY = 70  # the child's exit status
# how PDFium and the C library end a process that asks for more memory than it gets
MEMORY_SIGNALS = {signal.SIGABRT, signal.SIGTRAP, signal.SIGILL}


class _Answer(msgspec.Struct, frozen=True):
    read: Read | None = None
    reason: str = ""


class Reader:
    """Reads files one at a time in a process of its own, started when needed and again after it died.

    The process gets no variable of this one's environment, may not write files, and ends with this one. A context
    manager; `read` may be called from several threads, which then wait for each other.
    """

    def __init__(self, limits: Limits) -> None:
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

    def read(self, path: Path) -> Read:
        """Return the text of the file at `path`, whatever its name says it is.

        Raises Unreadable with a plain reason, and Trouble when no process can be started.
        """
        with self._lock:
            try:
                return self._read(path)
            except Unreadable:
                raise
            except BaseException:
                self._stop()  # an answer may be half read: nothing more may be asked of this process
                raise

    def _read(self, path: Path) -> Read:
        for _ in range(MOST_RESTARTS):
            child = self._started()
            try:
                _send(child, os.fsencode(path.absolute()))
                break
            except BrokenPipeError:  # it died between two files, of no fault of this one
                self._stop()
        else:
            raise Trouble("The process that reads files ends at once. Run `tiwizi doctor` to see what is missing.")
        try:
            frame = _receive(child, self._limits.seconds + 1)
        except TimeoutError:
            self._stop()
            raise Unreadable(f"it takes longer than the {self._limits.seconds} seconds allowed to read") from None
        if frame is None:
            status = child.wait()
            self._stop()
            raise Unreadable(self._cause(status))
        answer = msgspec.msgpack.decode(frame, type=_Answer)
        if answer.read is None:
            raise Unreadable(answer.reason)
        return answer.read

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
        )
        _send(self._child, msgspec.msgpack.encode(self._limits))
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
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()

    def _cause(self, status: int) -> str:
        memory = f"more than the {self._limits.memory:,} bytes of memory allowed"
        if status == OUT_OF_MEMORY:
            return f"reading it takes {memory}; split it"
        if status == -signal.SIGXCPU:
            return f"it takes longer than the {self._limits.seconds} seconds allowed to read"
        if -status in MEMORY_SIGNALS:
            return f"its reader stopped: it is damaged, or needs {memory}"
        return f"it makes its reader crash ({_name(status)}); it is damaged, export or download it again"


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
