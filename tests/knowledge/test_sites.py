"""Taking in a site by its sitemap, from a real server on this machine."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from msgspec.structs import replace

from tiwizi.errors import BadInput
from tiwizi.knowledge import Imports, Intake, Limits, SiteLimits, Taken
from tiwizi.knowledge.sqlite_home import SqliteHome
from tiwizi.store import open_store

LIMITS = Limits(max_bytes=10**7, max_unpacked_bytes=10**8, max_pages=100, seconds=20, memory=2 * 10**9)
QUICK = SiteLimits(delay=0, answer_seconds=2, page_bytes=100_000)
Answer = tuple[int, dict[str, str], bytes]


class Town:
    """The site of a town: what it answers to each path, and what it was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, Answer | Callable[[], Answer]] = {}
        self.asked: list[tuple[str, str, str]] = []  # path, User-Agent, If-None-Match
        town = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                town.asked.append((self.path, self.headers["User-Agent"], self.headers.get("If-None-Match", "")))
                found = town.pages.get(self.path, (404, {}, b""))
                status, headers, body = found() if callable(found) else found
                if headers.get("ETag") and self.headers.get("If-None-Match") == headers["ETag"]:
                    status, body = 304, b""
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def page(self, path: str, words: str, **headers: str) -> None:
        body = f"<html><head><title>{path}</title></head><body><p>{words}</p></body></html>"
        self.pages[path] = (200, {"Content-Type": "text/html", **headers}, body.encode())

    def sitemap(self, *places: str, path: str = "/sitemap.xml", kind: str = "url") -> bytes:
        root = "urlset" if kind == "url" else "sitemapindex"
        listed = "".join(f"<{kind}><loc>{self.whole(place)}</loc></{kind}>" for place in places)
        body = f'<?xml version="1.0"?><{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</{root}>'
        self.pages[path] = (200, {"Content-Type": "application/xml"}, body.encode())
        return body.encode()

    def whole(self, place: str) -> str:
        return place if "://" in place else self.address + place

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def town() -> Iterator[Town]:
    town = Town()
    yield town
    town.close()


async def taken_from(
    town: Town, folder: Path, limits: SiteLimits = QUICK, path: str = "/sitemap.xml"
) -> tuple[dict[str, Taken], list[str], bool]:
    """What became of each page, which are no longer listed, and whether the site was seen to its end."""
    store = open_store(folder)
    intake, stamp, ended = Intake(SqliteHome(store), LIMITS), time.time(), []
    try:
        site = town.address + path
        taken = [t async for t in intake.hand_in_site(site, limits, stamp, ended.append)]
        taken += [t async for t in intake.read(stamp)]
        gone = [row.path.removeprefix(town.address) for row in await intake.imports.gone(site, stamp)]
        return {t.path.removeprefix(town.address): t for t in taken}, gone, ended[0]
    finally:
        await store.close()


async def test_the_pages_of_a_site_are_taken_in_and_the_next_time_only_what_changed(town: Town, tmp_path: Path) -> None:
    town.page("/horaires", "Le bureau ouvre à neuf heures.", ETag='"h1"')
    town.page("/marche", "Le marché se tient le mardi.")
    town.page("/ancien", "Une page qui disparaîtra.")
    town.pages["/loi.txt"] = (
        200,
        {"Content-Type": "text/plain; charset=windows-1256"},
        "المادة الأولى".encode("cp1256"),
    )
    town.sitemap("/horaires", "/ancien", path="/part.xml")
    town.pages["/part.xml.gz"] = (200, {}, gzip.compress(town.sitemap("/marche", "/loi.txt", path="/x")))
    town.sitemap("/part.xml", "/part.xml.gz", kind="sitemap")
    taken, gone, whole = await taken_from(town, tmp_path)
    assert {path: t.state for path, t in taken.items()} == dict.fromkeys(
        ["/horaires", "/ancien", "/marche", "/loi.txt"], "kept"
    )
    assert whole and gone == [] and {agent for _, agent, _ in town.asked} == {"Tiwizi"}
    assert town.asked[0][0] == "/robots.txt"
    store = open_store(tmp_path)
    listed = {row.name.partition("/")[2]: row for row in await Imports(store).listed()}
    text = await SqliteHome(store).document(listed["loi.txt"].document or 0)
    assert text is not None and "المادة الأولى" in text.text
    await store.close()
    assert not [file for file in (tmp_path / "pages").iterdir() if file.suffix != ".json"], "read, so no longer kept"

    town.asked.clear()
    town.page("/marche", "Le marché se tient le jeudi.")
    town.sitemap("/horaires", path="/part.xml")
    taken, gone, whole = await taken_from(town, tmp_path)
    assert {path: t.state for path, t in taken.items()} == {
        "/horaires": "unchanged",
        "/marche": "kept",
        "/loi.txt": "unchanged",
    }
    assert gone == ["/ancien"] and whole
    assert ("/horaires", "Tiwizi", '"h1"') in town.asked


async def test_no_page_leads_to_another_host_or_where_robots_may_not_go(town: Town, tmp_path: Path) -> None:
    other = Town()
    try:
        other.page("/secret", "Ceci est une autre machine.")
        town.pages["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /interne\n")
        town.page("/interne/a", "Réservé au personnel.")
        town.page("/bon", "Le guichet est ouvert.")
        town.pages["/part"] = (302, {"Location": f"{other.address}/secret"}, b"")
        town.pages["/nom"] = (302, {"Location": "http://localhost.example/secret"}, b"")
        town.pages["/ici"] = (301, {"Location": "/bon"}, b"")
        town.pages["/rond"] = (302, {"Location": "/rond"}, b"")
        town.sitemap("/interne/a", "/bon", "/part", "/nom", "/rond", f"{other.address}/secret", "file:///etc/passwd")
        taken, _, whole = await taken_from(town, tmp_path)
        reasons = {path: t.reason for path, t in taken.items() if t.state == "unread"}
        assert taken["/bon"].state == "kept" and whole
        assert "robots.txt" in reasons.pop("/interne/a") and "5 times" in reasons.pop("/rond")
        assert len(reasons) == 4 and all("another host" in reason for reason in reasons.values())
        assert other.asked == [], "the other machine was never spoken to"
    finally:
        other.close()


async def test_limits_of_pages_bytes_and_time_are_told_and_nothing_counts_as_gone(town: Town, tmp_path: Path) -> None:
    for number in range(6):
        town.page(f"/p{number}", f"La page numéro {number} de la commune.")
    town.sitemap(*(f"/p{number}" for number in range(6)))
    await taken_from(town, tmp_path)
    taken, _, whole = await taken_from(town, tmp_path, replace(QUICK, pages=4))
    assert not whole and "more than the 4 pages" in taken["/sitemap.xml"].reason
    town.page("/p0", "x" * 200_000)
    town.pages["/p1"] = (500, {}, b"")
    town.pages["/p2"] = slow
    taken, gone, whole = await taken_from(town, tmp_path)
    reasons = [taken[f"/p{number}"].reason for number in range(3)]
    assert "100,000 bytes" in reasons[0] and "500" in reasons[1] and "within 2 seconds" in reasons[2]
    assert all("is still in use" in reason for reason in reasons)
    assert whole and gone == []
    with pytest.raises(BadInput, match="0 seconds allowed"):
        await taken_from(town, tmp_path, replace(QUICK, seconds=0))


def slow() -> Answer:
    time.sleep(3)
    return 200, {}, b"<p>late</p>"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "neither XML nor a list"),
        (b"<html><body>Bonjour</body></html>", "usually at /sitemap.xml"),
        (b"<urlset><url><loc>http://x/", "not whole XML"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><urlset><url><loc>&b;</loc></url></urlset>', "entities"),
        (gzip.compress(b" " * 60_000_000), "unpacks to more"),
        (b"\x1f\x8b damaged", "damaged gzip"),
    ],
)
async def test_what_is_no_sitemap_is_refused_with_its_reason(town: Town, tmp_path: Path, body: bytes, why: str) -> None:
    town.pages["/sitemap.xml"] = (200, {}, body)
    with pytest.raises(BadInput, match=why):
        await taken_from(town, tmp_path)


async def test_an_address_that_is_none_and_a_site_that_is_not_there(town: Town, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="404"):
        await taken_from(town, tmp_path)
    for address, why in (("http:///x", "not an address"), ("http://127.0.0.1:1/sitemap.xml", "cannot be reached")):
        store = open_store(tmp_path)
        with pytest.raises(BadInput, match=why):
            async for _ in Intake(SqliteHome(store), LIMITS).hand_in_site(address, QUICK, time.time()):
                pass
        await store.close()
