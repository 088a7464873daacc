"""The process that parses files for a `Reader`: run as a script, it takes paths on its input and answers with texts.

It holds no secret, can write no file, and ends when its limits are passed or its parent is gone.
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
from typing import IO

LENGTH = struct.Struct("<I")


def main() -> None:
    """Answer each path with a `Read`, or with the reason why there is none; end with the input."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a parser that prints must not write between the answers
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears Ctrl-C and decides
    _light_room()
    import msgspec

    from tiwizi.errors import Unreadable
    from tiwizi.knowledge.documents.formats import read_file
    from tiwizi.knowledge.documents.values import Limits

    limits = msgspec.msgpack.decode(_frame(sys.stdin.buffer) or b"", type=Limits)
    _confine(limits.memory)
    paths: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(paths,), daemon=True).start()
    _answer(answers, b"ready")
    while True:
        path = Path(os.fsdecode(paths.get()))
        _give_time(limits.seconds)
        try:
            answer = msgspec.msgpack.encode({"read": read_file(path, limits)})
        except Unreadable as error:
            answer = msgspec.msgpack.encode({"reason": str(error)})
        except MemoryError:
            os._exit(70)  # nothing can be trusted after this: the parent starts a new process
        except RecursionError:
            answer = msgspec.msgpack.encode({"reason": "its parts are nested too deeply to be an ordinary document"})
        except Exception as error:  # the outermost edge of a parser: whatever it says, the file is listed
            name = type(error).__name__
            answer = msgspec.msgpack.encode({"reason": f"it is damaged in a way that no reader expected ({name})"})
        _answer(answers, answer)


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


def _listen(paths: "queue.SimpleQueue[bytes]") -> None:
    # in a thread, so that the end of the parent is noticed while a parser is at work
    while (frame := _frame(sys.stdin.buffer)) is not None:
        paths.put(frame)
    os._exit(0)


def _frame(source: IO[bytes]) -> bytes | None:
    head = source.read(LENGTH.size)
    return source.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else None


def _answer(target: IO[bytes], frame: bytes) -> None:
    target.write(LENGTH.pack(len(frame)) + frame)
    target.flush()


if __name__ == "__main__":
    main()
