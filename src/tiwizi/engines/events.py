"""Server-sent events, read from bytes that arrive cut anywhere."""

from collections.abc import AsyncIterator

LONGEST = 1_000_000  # bytes of one event; a stream without an end of line must not fill the memory


class TooLong(Exception):
    """An event longer than LONGEST."""


async def events(chunks: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """Yield the data of each event; comments, other fields and events without data are passed over.

    A last event that no blank line ends is yielded too, as many servers forget that line. Raises TooLong.
    Source: HTML Living Standard, section 9.2.6, "Interpreting an event stream".
    """
    data: list[str] = []
    size = 0
    async for line in _lines(chunks):
        field, _, value = line.partition(":")
        if field == "data":
            data.append(value.removeprefix(" "))
            size += len(value)
        elif not line and data:
            yield "\n".join(data)
            data, size = [], 0
        if size > LONGEST:
            raise TooLong
    if data:
        yield "\n".join(data)


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """Yield lines ended by CR, LF or both, and the rest; decoded when whole, so that no letter is cut in two."""
    rest: list[bytes] = []
    size, after_cr, first = 0, False, True
    async for chunk in chunks:
        if after_cr:
            chunk = chunk.removeprefix(b"\n")
        if not chunk:
            continue
        after_cr = chunk.endswith(b"\r")
        *whole, last = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        for end in whole:
            yield _decoded(b"".join((*rest, end)), first)
            rest, size, first = [], 0, False
        rest.append(last)
        size += len(last)
        if size > LONGEST:
            raise TooLong
    if line := b"".join(rest):
        yield _decoded(line, first)


def _decoded(line: bytes, first: bool) -> str:
    return line.decode("utf-8-sig" if first else "utf-8", "replace")
