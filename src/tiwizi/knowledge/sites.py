"""Fetching a site by its sitemap: politely, from its one host, within limits, and only what changed.

Pages are kept as files until they are read; what the site says of their versions is noted beside them. A page, a
redirect or a sitemap that leads to another host is refused, so that no address typed for one machine reaches another.
"""

import asyncio
import hashlib
import ipaddress
import re
import socket
import time
import zlib
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path, PurePosixPath
from urllib.parse import urldefrag, urljoin, urlsplit
from urllib.robotparser import RobotFileParser
from xml.parsers import expat

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver, ResolveResult

from tiwizi.errors import BadInput, Trouble, Unreadable

PAGES = "pages"  # folder of the instance for what was fetched
AGENT = "Tiwizi"
REDIRECTS = 5
DEPTH = 3  # sitemaps that lead to sitemaps
MOST_SITEMAP_BYTES = 50_000_000  # what the protocol allows, unpacked
BUSY = {429, 503}
LONGEST_WAIT = 60.0  # seconds, whatever a busy site asks for
LONGEST_DELAY = 10.0
NAME = 120
SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)


class SiteLimits(msgspec.Struct, frozen=True):
    """What fetching one site may cost, it and us."""

    pages: int = 2_000
    page_bytes: int = 50_000_000
    all_bytes: int = 2_000_000_000
    seconds: float = 7_200
    delay: float = 0.5  # seconds between two requests; a longer one in robots.txt is kept to
    answer_seconds: float = 30


class Fetched(msgspec.Struct, frozen=True):
    """One page of a site: its file, or that it is the same as before, or why it cannot be had.

    Where `is_page` is false, the reason is about the site or a part of its sitemap.
    """

    url: str
    file: Path | None = None
    reason: str = ""
    is_page: bool = True


class _Version(msgspec.Struct, frozen=True):
    digest: str
    etag: str = ""
    modified: str = ""


class _Answer(msgspec.Struct, frozen=True):
    status: int
    headers: Mapping[str, str]  # by their names in small letters
    body: bytes


def is_address(path: str) -> bool:
    """Return whether a path is the address of a page."""
    return path.startswith(("http://", "https://"))


def file_of(folder: Path, url: str) -> Path:
    """Return where the page of an address is kept until it is read."""
    suffix = PurePosixPath(urlsplit(url).path).suffix.lower()
    name = hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:40]
    return folder / (name + (suffix if SUFFIX.fullmatch(suffix) else ""))


def name_of_page(url: str) -> str:
    """Return what a page is called where people see it: its address without what goes without saying."""
    return urldefrag(url).url.partition("://")[2].rstrip("/")[:NAME]


class Site:
    """The site whose sitemap is at an address; `known` has the digests of the pages that are kept.

    Raises BadInput when the address is none. `complete` tells, after all pages, whether the site was seen to its end.
    """

    def __init__(self, sitemap: str, folder: Path, limits: SiteLimits, known: Mapping[str, str]) -> None:
        parts = urlsplit(sitemap)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadInput(f"{sitemap} is not an address. Write it in full: https://www.example.ma/sitemap.xml")
        self.complete = True
        self._sitemap, self._folder, self._limits, self._known = sitemap, folder, limits, known
        self._host = _host(sitemap)
        self._noted = file_of(folder, sitemap).with_suffix(".versions.json")
        self._versions: dict[str, _Version] = {}
        self._robots: RobotFileParser | None = None  # all may be read
        self._delay = limits.delay
        self._last = 0.0
        self._bytes = 0
        self._until = time.monotonic() + limits.seconds

    async def pages(self) -> AsyncGenerator[Fetched, None]:
        """Yield every page of the sitemap: those that are new or changed with their file.

        Raises BadInput when there is no sitemap at the address, and Trouble when the disk is at fault.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._versions = self._read_versions()
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=await _Pinned.to(self._sitemap), limit=1),
            timeout=aiohttp.ClientTimeout(total=None, connect=self._limits.answer_seconds, sock_read=None),
            headers={"User-Agent": AGENT},
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        async with session:
            await self._ask_robots(session)
            addresses: dict[str, None] = {}
            async for failed in self._sitemaps(session, self._sitemap, addresses):
                yield failed
            for number, url in enumerate(addresses):
                if number >= self._limits.pages:
                    self.complete = False
                    reason = f"it lists more than the {self._limits.pages} pages allowed"
                    yield Fetched(self._sitemap, reason=reason, is_page=False)
                    break
                try:
                    yield await self._page(session, url)
                except Unreadable as error:
                    yield Fetched(url, reason=str(error))
                except _Over as error:
                    self.complete = False
                    yield Fetched(self._sitemap, reason=str(error), is_page=False)
                    break
        self._write_versions()

    async def _page(self, session: aiohttp.ClientSession, url: str) -> Fetched:
        before = self._versions.get(url)
        asked = {}
        if before is not None and self._known.get(url) == before.digest:
            asked = {"If-None-Match": before.etag, "If-Modified-Since": before.modified}
        answer = await self._get(session, url, self._limits.page_bytes, {k: v for k, v in asked.items() if v})
        if answer.status == 304 and asked:
            return Fetched(url)
        if answer.status != 200:
            raise Unreadable(f"the site answers {answer.status}")
        body = _as_utf8(answer)
        digest = hashlib.sha256(body).hexdigest()
        self._versions[url] = _Version(
            digest, answer.headers.get("etag", "")[:500], answer.headers.get("last-modified", "")[:100]
        )
        if self._known.get(url) == digest:
            return Fetched(url)
        file = file_of(self._folder, url)
        try:
            await asyncio.to_thread(file.write_bytes, body)
        except OSError as error:
            raise Trouble(f"{file} cannot be written: {error.strerror}. Free some space.") from None
        return Fetched(url, file)

    async def _sitemaps(
        self, session: aiohttp.ClientSession, url: str, pages: dict[str, None], depth: int = 0
    ) -> AsyncGenerator[Fetched, None]:
        """Collect the pages of a sitemap and of those it leads to; yield what could not be read of them."""
        try:
            answer = await self._get(session, url, MOST_SITEMAP_BYTES)
            if answer.status != 200:
                raise Unreadable(f"the site answers {answer.status}")
            sitemaps, found = _locations(_unpacked(answer.body))
        except (Unreadable, _Over) as error:
            self.complete = False
            if depth == 0:
                raise BadInput(f"{url} cannot be read as a sitemap: {error}.") from None
            yield Fetched(url, reason=f"this part of the sitemap cannot be read: {error}", is_page=False)
            return
        for place in found:
            if len(pages) <= self._limits.pages:
                pages.setdefault(urldefrag(urljoin(url, place)).url)
        for place in sitemaps:
            if depth >= DEPTH or len(pages) > self._limits.pages:
                self.complete = False
                yield Fetched(place, reason="it is too deep in the sitemap to be followed", is_page=False)
                return
            async for failed in self._sitemaps(session, urljoin(url, place), pages, depth + 1):
                yield failed

    async def _ask_robots(self, session: aiohttp.ClientSession) -> None:
        url = urljoin(self._sitemap, "/robots.txt")
        try:
            answer = await self._get(session, url, 500_000)
        except (Unreadable, _Over) as error:
            raise BadInput(f"{url} cannot be read, so nothing else of the site is: {error}.") from None
        if answer.status >= 500:
            raise BadInput(f"{url} answers {answer.status}, so nothing else of the site is read now. Try again later.")
        if answer.status in (401, 403):
            raise BadInput(f"{url} answers {answer.status}: the site wants to be read by nobody.")
        if answer.status != 200:
            return
        self._robots = RobotFileParser()
        self._robots.parse(answer.body.decode("utf-8", "replace").splitlines())
        wanted = self._robots.crawl_delay(AGENT)
        self._delay = max(self._delay, min(float(wanted or 0), LONGEST_DELAY))

    async def _get(
        self, session: aiohttp.ClientSession, url: str, most: int, headers: Mapping[str, str] | None = None
    ) -> _Answer:
        for _ in range(REDIRECTS):
            if _host(url) != self._host:
                raise Unreadable(f"it is on another host, {urlsplit(url).hostname}; only {self._host[0]} is read")
            if self._robots is not None and not self._robots.can_fetch(AGENT, url):
                raise Unreadable("the site's robots.txt asks not to read it")
            answer = await self._answer(session, url, most, headers or {})
            if answer.status in BUSY:
                await asyncio.sleep(_wait(answer))
                answer = await self._answer(session, url, most, headers or {})
            place = answer.headers.get("location", "")
            if answer.status not in (301, 302, 303, 307, 308) or not place:
                return answer
            url = urldefrag(urljoin(url, place)).url
        raise Unreadable(f"it leads on more than {REDIRECTS} times")

    async def _answer(self, session: aiohttp.ClientSession, url: str, most: int, headers: Mapping[str, str]) -> _Answer:
        await asyncio.sleep(max(0.0, self._last + self._delay - time.monotonic()))
        if time.monotonic() > self._until:
            raise _Over(f"the site was not read to its end in the {self._limits.seconds:.0f} seconds allowed")
        body = bytearray()
        try:
            async with asyncio.timeout(self._limits.answer_seconds):
                async with session.get(url, headers=headers, allow_redirects=False) as response:
                    async for piece in response.content.iter_chunked(1 << 16):
                        body += piece
                        if len(body) > most:
                            raise Unreadable(f"it has more than the {most:,} bytes that are read")
                        if self._bytes + len(body) > self._limits.all_bytes:
                            raise _Over(f"its pages have more than the {self._limits.all_bytes:,} bytes allowed")
        except TimeoutError:
            raise Unreadable(f"the site does not answer within {self._limits.answer_seconds:.0f} seconds") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unreadable(f"the site cannot be reached or does not speak HTTP ({type(error).__name__})") from None
        finally:
            self._last = time.monotonic()
            self._bytes += len(body)
        received = {name.lower(): value for name, value in response.headers.items()}
        return _Answer(response.status, received, bytes(body))

    def _read_versions(self) -> dict[str, _Version]:
        try:
            return msgspec.json.decode(self._noted.read_bytes(), type=dict[str, _Version])
        except (OSError, msgspec.DecodeError):  # at worst all is fetched again
            return {}

    def _write_versions(self) -> None:
        try:
            self._noted.write_bytes(msgspec.json.encode(self._versions))
        except OSError as error:
            raise Trouble(f"{self._noted} cannot be written: {error.strerror}. Free some space.") from None


class _Over(Exception):
    """A limit for the whole site is reached; the sentence says which."""


class _Pinned(AbstractResolver):
    """Knows the addresses of one host, looked up once: a name cannot come to mean another machine on the way."""

    def __init__(self, host: str, found: list[ResolveResult]) -> None:
        self._host, self._found = host, found

    @classmethod
    async def to(cls, url: str) -> "_Pinned":
        host, port = _host(url)
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            raise BadInput(f"There is no host named {host}. Check the address and the network.") from None
        return cls(
            host,
            [
                ResolveResult(
                    hostname=host,
                    host=place[0],
                    port=port,
                    family=family,
                    proto=0,
                    flags=socket.AI_NUMERICHOST,
                )
                for family, _, _, _, place in found
                if isinstance(place[0], str) and ipaddress.ip_address(place[0].partition("%")[0])
            ],
        )

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        if host != self._host:
            raise OSError(f"{host} is not {self._host}")
        return [{**one, "port": port} for one in self._found]

    async def close(self) -> None:
        pass


def _host(url: str) -> tuple[str, int]:
    """The host and port of an address; both ordinary ports are one, for sites move from http to https."""
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError:
        return "", 0
    if parts.scheme not in ("http", "https"):
        return "", 0
    return (parts.hostname or "").lower(), 443 if port == 80 else port


def _wait(answer: _Answer) -> float:
    said = answer.headers.get("retry-after", "")
    return min(float(said) if said.isdigit() else 5.0, LONGEST_WAIT)


def _unpacked(body: bytes) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacking = zlib.decompressobj(31)
    try:
        unpacked = unpacking.decompress(body, MOST_SITEMAP_BYTES)
    except zlib.error:
        raise Unreadable("it is a damaged gzip file") from None
    if unpacking.unconsumed_tail:
        raise Unreadable(f"it unpacks to more than the {MOST_SITEMAP_BYTES:,} bytes that are read")
    return unpacked


def _locations(body: bytes) -> tuple[list[str], list[str]]:
    """The sitemaps and the pages that a sitemap names: XML as sitemaps.org has it, or one address a line."""
    if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        lines = body.decode("utf-8-sig", "replace").split()
        if not lines or not all(is_address(line) for line in lines):
            raise Unreadable("it is neither XML nor a list of addresses")
        return [], lines
    return _parsed(body)


def _parsed(body: bytes) -> tuple[list[str], list[str]]:
    found: dict[str, list[str]] = {"sitemap": [], "url": []}
    path: list[str] = []
    words: list[str] = []

    def start(name: str, _: object) -> None:
        path.append(name.rpartition(" ")[2])
        words.clear()

    def end(_: str) -> None:
        # <image:loc> has another parent
        if path[-1] == "loc" and len(path) == 3 and path[1] in found and (place := "".join(words).strip()):
            found[path[1]].append(place)
        path.pop()

    def refuse(*_: object) -> None:
        raise Unreadable("it declares entities, which no sitemap needs")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = words.append
    parser.EntityDeclHandler = refuse
    root_seen = body[:2_000]
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise Unreadable(f"it is not whole XML (line {error.lineno})") from None
    if b"urlset" not in root_seen and b"sitemapindex" not in root_seen:
        raise Unreadable("it is a page or another file; the sitemap is usually at /sitemap.xml")
    return found["sitemap"], found["url"]


def _as_utf8(answer: _Answer) -> bytes:
    """A page as the site says it is encoded, for a file does not come with what was said of it."""
    kind = answer.headers.get("content-type", "")
    named = CHARSET.search(kind)
    if not kind.startswith("text/") or named is None or named[1].lower() in ("utf-8", "utf8"):
        return answer.body
    try:
        return b"\xef\xbb\xbf" + answer.body.decode(named[1]).encode()
    except (LookupError, UnicodeDecodeError):
        return answer.body
