"""The process that parses files for a `Reader`: run as a script, it takes `Ask`s on its input and answers each.

It holds no secret, can write no file, and ends when its limits are passed or its parent is gone. The answers are maps:
{"read": Read} or {"members": [Member]}, {"reason": why not, "holds": whether it is a ZIP file}, and before a scanned
page is recognised {"wait": seconds more that the parent should grant}.
"""

import os
import queue
import resource
import signal
import struct
import sys
import threading
import types
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:  # what is heavy is imported after the room was made light
    from tiwizi.knowledge.documents.asking import Ask
    from tiwizi.knowledge.documents.boxes import Boxes
    from tiwizi.knowledge.documents.scans import Scans
    from tiwizi.knowledge.documents.values import Limits

LENGTH = struct.Struct("<I")


def main() -> None:
    """Answer each `Ask`, or say why there is no answer; end with the input."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a parser that prints must not write between the answers
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears Ctrl-C and decides
    _light_room()
    import msgspec

    from tiwizi.knowledge.documents.asking import Ask, Begin
    from tiwizi.knowledge.documents.boxes import Boxes
    from tiwizi.knowledge.documents.scans import Scans

    begin = msgspec.msgpack.decode(_frame(sys.stdin.buffer) or b"", type=Begin)
    limits = begin.limits
    _confine(limits.memory)

    def more_time(seconds: int) -> None:
        _give_time(seconds)
        _answer(answers, msgspec.msgpack.encode({"wait": seconds}))

    boxes, scans = Boxes(limits), Scans(begin.tesseract, limits, more_time)
    asked: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(asked,), daemon=True).start()
    _answer(answers, b"ready")
    while True:
        ask = msgspec.msgpack.decode(asked.get(), type=Ask)
        _give_time(limits.seconds)
        _answer(answers, _result(ask, limits, boxes, scans))


def _result(ask: "Ask", limits: "Limits", boxes: "Boxes", scans: "Scans") -> bytes:
    from msgspec.msgpack import encode

    from tiwizi.errors import Unreadable
    from tiwizi.knowledge.documents.formats import read_file
    from tiwizi.knowledge.documents.package import NESTED
    from tiwizi.knowledge.documents.values import HoldsFiles

    path = Path(os.fsdecode(ask.path))
    try:
        if ask.members:
            return encode({"members": boxes.members(path, ask.inside)})
        return encode({"read": read_file(path, limits, ask.inside, boxes, scans)})
    except Unreadable as error:
        return encode({"reason": str(error), "holds": isinstance(error, HoldsFiles)})
    except MemoryError:
        os._exit(70)  # nothing can be trusted after this: the parent starts a new process
    except RecursionError:
        return encode({"reason": NESTED})
    except Exception as error:  # the outermost edge of a parser: whatever it says, the file is listed
        return encode({"reason": f"it is damaged in a way that no reader expected ({type(error).__name__})"})


def _light_room() -> None:
    # the room's own __init__ would load the encoder and the index, which reading files does not need
    room = types.ModuleType("tiwizi.knowledge")
    room.__path__ = [str(Path(__file__).parents[1])]
    sys.modules["tiwizi.knowledge"] = room


def _confine(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    except (ValueError, OSError):  # macOS does not let address space be limited
        pass


def _give_time(seconds: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 2, hard))


def _listen(asked: "queue.SimpleQueue[bytes]") -> None:
    # in a thread, so that the end of the parent is noticed while a parser is at work
    while (frame := _frame(sys.stdin.buffer)) is not None:
        asked.put(frame)
    if os.getpgrp() == os.getpid():  # as the parent starts it: a Tesseract at work ends too
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _frame(source: IO[bytes]) -> bytes | None:
    head = source.read(LENGTH.size)
    return source.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else None


def _answer(target: IO[bytes], frame: bytes) -> None:
    target.write(LENGTH.pack(len(frame)) + frame)
    target.flush()


if __name__ == "__main__":
    main()
