"""Running the application on Granian, in one process, until it is told to stop."""

import asyncio
import errno
import logging
import os
import signal
import socket
import sys
from pathlib import Path

from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar
from msgspec.structs import replace

from tiwizi.errors import TiwiziError, Trouble
from tiwizi.server.app import create_app
from tiwizi.settings import Settings

PATIENCE = 5.0  # seconds that answers under way have to end, once asked to stop

log = logging.getLogger("tiwizi.server")


def serve(home: Path, settings: Settings) -> None:
    """Serve the instance in `home` until SIGTERM or SIGINT; print the address once it listens.

    Raises Trouble when the port cannot be had or the machine is at fault, BadInput for a wrong setting.
    """
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    settings = replace(settings, port=_free_port(settings.host, settings.port))
    try:
        asyncio.run(_serve(create_app(home, settings), settings))
    except ExceptionGroup as group:  # Litestar wraps what starting raised
        raise _refusal(group) or group from None


async def _serve(app: Litestar, settings: Settings) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with app.lifespan():  # ours rather than Granian's, so that what it raises reaches the person who starts it
        server = Server(
            app,
            address=settings.host,
            port=settings.port,
            interface=Interfaces.ASGINL,
            websockets=False,
            log_enabled=False,
        )
        running = asyncio.create_task(server.serve())
        if await _listens(settings, running, stopping):
            print(f"Tiwizi: {settings.address}", flush=True)
        stopped = asyncio.create_task(stopping.wait())
        await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        server.stop()  # type: ignore[no-untyped-call]
        _, late = await asyncio.wait({running}, timeout=PATIENCE)
    if late:  # a client that reads slowly does not keep the house open; what was acknowledged is on the disk
        log.warning("some answers were still being read after %.0f s: stopped all the same", PATIENCE)
        logging.shutdown()
        os._exit(0)
    await running


async def _listens(settings: Settings, running: asyncio.Task[None], stopping: asyncio.Event) -> bool:
    """Wait until a request is answered; false when the server ended before that, or was told to."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    while not running.done() and not stopping.is_set():
        try:
            reader, writer = await asyncio.open_connection(host, settings.port)
        except OSError:
            await asyncio.sleep(0.01)
            continue
        writer.write(b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answered = await reader.read(9)
        writer.close()
        if answered == b"HTTP/1.1 ":
            return True
    return False


def _free_port(host: str, port: int) -> int:
    """Return the port, or a free one for 0. Checked here, for Granian shares a port that is taken. Raises Trouble."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port left a moment ago is free
            probe.bind(address)
            number: int = probe.getsockname()[1]
            return number
    except OSError as error:
        raise Trouble(_refused(host, port, error)) from None


def _refused(host: str, port: int, error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return f"There is no address named {host!r} on this machine. Use --host 127.0.0.1, or 0.0.0.0 for the network."
    if isinstance(error, PermissionError):
        return f"Port {port} is reserved for root. Choose one above 1023 with --port, such as 8080."
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use, perhaps by another Tiwizi. Stop it, or choose another with --port; 0 is any."
    return f"Tiwizi cannot listen on {host} port {port}: {error.strerror}. Choose others with --host and --port."


def _refusal(error: Exception) -> TiwiziError | None:
    """The first error raised on purpose in a group of them."""
    if isinstance(error, ExceptionGroup):
        return next((found for one in error.exceptions if (found := _refusal(one))), None)
    return error if isinstance(error, TiwiziError) else None
