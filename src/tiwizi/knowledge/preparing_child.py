"""The process that cuts documents for a `Preparer`: run as a script, it answers each `Read` with its `Prepared`."""

import os
import signal
import sys
import types
from pathlib import Path

KINDNESS = 5  # how far this process steps back behind those that answer people


def main() -> None:
    """Answer until the input ends, which it does at the latest with the process that started this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears Ctrl-C and decides
    os.nice(KINDNESS)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing else is written between the answers
    _light_room()
    import msgspec

    from tiwizi.knowledge.documents.values import Read
    from tiwizi.knowledge.preparing import prepared, receive, send

    while (frame := receive(sys.stdin.buffer)) is not None:
        send(answers, msgspec.msgpack.encode(prepared(msgspec.msgpack.decode(frame, type=Read))))


def _light_room() -> None:
    # the room's own __init__ would load the encoder and the index, which cutting does not need
    room = types.ModuleType("tiwizi.knowledge")
    room.__path__ = [str(Path(__file__).parent)]
    sys.modules["tiwizi.knowledge"] = room


if __name__ == "__main__":
    main()
