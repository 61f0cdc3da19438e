"""The pages and their files: what is there, what is not, and how browsers may keep it."""

import gzip
from pathlib import Path

import pytest

from tests.bff.asking import Gateway
from tests.bff.conftest import Open
from tests.bff.raw import wire
from tests.bff.web.building import ADDRESSES, ICON, PAGES, SCRIPT, STYLE, build

SCRIPT_AT, STYLE_AT, ICON_AT = (
    "/assets/index-1a2b3c.js",
    "/assets/index-4d5e6f.css",
    "/assets/icon-7a8b9c.svg",
)
AS_IT_IS = {"accept-encoding": "identity"}


@pytest.mark.parametrize(("address", "title"), {**ADDRESSES, "/graphiql": "GraphiQL"}.items())
async def test_a_page_is_kept_but_asked_for_again_each_time(web: Gateway, address: str, title: str) -> None:
    status, headers, body = await web.ask("GET", address)
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert title in body.decode()
    assert (headers["cache-control"], "Accept-Encoding" in headers["vary"]) == ("no-cache", True)
    for known in (headers["etag"], f"W/{headers['etag']}", f'"x", {headers["etag"]}', "*"):
        status, again, body = await web.ask("GET", address, headers={"if-none-match": known})
        assert (status, body, again["etag"]) == (304, b"", headers["etag"])
        assert again["cache-control"] == "no-cache"
    status, _, _ = await web.ask("GET", address, headers={"if-none-match": '"x"'})
    assert status == 200


@pytest.mark.parametrize(
    ("address", "kind", "contents"),
    [
        (SCRIPT_AT, "text/javascript; charset=utf-8", SCRIPT),
        (STYLE_AT, "text/css; charset=utf-8", STYLE),
        (ICON_AT, "image/svg+xml", ICON),
    ],
)
async def test_a_file_named_by_its_contents_is_kept_for_a_year(
    web: Gateway, address: str, kind: str, contents: bytes
) -> None:
    status, headers, body = await web.ask("GET", address, headers=AS_IT_IS)
    assert (status, headers["content-type"], body) == (200, kind, contents)
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    status, _, body = await web.ask("GET", address, headers={**AS_IT_IS, "if-none-match": headers["etag"]})
    assert (status, body) == (304, b"")


async def test_the_manifest_is_there_under_its_own_name(web: Gateway) -> None:
    status, headers, body = await web.ask("GET", "/manifest.webmanifest")
    assert (status, headers["content-type"], body) == (200, "application/manifest+json", b"{}")
    assert headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("br", "br"),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("gzip, br;q=0", "gzip"),
        ("gzip;q=1, br;q=0.5", "gzip"),
        ("*", "br"),
        ("*;q=0.5, br;q=0", "gzip"),
        ("identity", None),
        ("identity, gzip;q=0.5", None),
        ("deflate", None),
        ("", None),
        ("br;q=nonsense", None),
        (",;=,", None),
        ("*;q=0", None),
    ],
)
async def test_what_is_sent_is_as_small_as_the_browser_can_read(
    web: Gateway, accepted: str, coding: str | None
) -> None:
    async with wire(web.address) as raw:
        await raw.says(f"GET {SCRIPT_AT} HTTP/1.1\r\nhost: x\r\naccept-encoding: {accepted}\r\n\r\n".encode())
        head = (await raw.reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        body = await raw.reader.readexactly(length)
    assert "\r\nvary: accept-encoding" in head
    assert (f"content-encoding: {coding}\r\n" in head) == ("content-encoding" in head) == bool(coding)
    contents = {"br": b"as if it were brotli", "gzip": SCRIPT, None: SCRIPT}
    assert (gzip.decompress(body) if coding == "gzip" else body) == contents[coding]


async def test_each_coding_has_a_tag_of_its_own(web: Gateway) -> None:
    tags = []
    for coding in ("br", "gzip", "identity"):
        async with web.session.get(
            f"http://{web.address}{SCRIPT_AT}", headers={"accept-encoding": coding}, auto_decompress=False
        ) as answer:
            tags.append(answer.headers["etag"])
    assert len(set(tags)) == 3
    wanted = {"accept-encoding": "identity", "if-none-match": tags[0]}
    assert (await web.ask("GET", SCRIPT_AT, headers=wanted))[0] == 200


@pytest.mark.parametrize("address", ["/", "/ops", "/graphiql", SCRIPT_AT, "/manifest.webmanifest"])
async def test_who_asks_for_the_head_gets_all_but_the_body(web: Gateway, address: str) -> None:
    _, whole, body = await web.ask("GET", address, headers=AS_IT_IS)
    status, head, nothing = await web.ask("HEAD", address, headers=AS_IT_IS)
    assert (status, nothing) == (200, b"")
    assert int(head["content-length"]) == len(body)
    same = ("content-type", "etag", "cache-control", "content-security-policy")
    assert [head[name] for name in same] == [whole[name] for name in same]
    for method in ("POST", "PUT", "DELETE"):
        assert (await web.ask(method, address))[0] == 405


@pytest.mark.parametrize(
    "address",
    [
        "/assets",
        "/assets/",
        "/assets/nothing.js",
        "/assets/index-1a2b3c.js.br",
        "/assets/secret.html",
        "/assets/../index.html",
        "/assets/%2e%2e/index.html",
        "/assets/%2e%2e%2f%2e%2e%2fsettings.py",
        "/assets/..%5c..%5csettings.py",
        "/assets/%252e%252e/index.html",
        "/assets//etc/passwd",
        "/assets/%00",
        "/assets/index-1a2b3c.js/",
        "/assets/./index-1a2b3c.js",
        "/.fingerprint",
        "/notes.txt",
        "/index.html",
        "/pages.py",
        "/src/main.tsx",
        "/package.json",
        "/orders/7/more",
    ],
)
async def test_nothing_else_is_there_and_nobody_keeps_that(web: Gateway, address: str) -> None:
    async with wire(web.address) as raw:
        await raw.says(f"GET {address} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode())
        said = (await raw.reader.read()).decode()
    assert said.startswith("HTTP/1.1 404 ")
    assert "immutable" not in said
    assert "root:" not in said


async def test_without_the_ide_there_is_no_graphiql_and_one_sentence(open_gateway: Open, built: Path) -> None:
    async with open_gateway(bff_pages=built) as gateway:
        status, headers, body = await gateway.ask("GET", "/graphiql", headers={"accept-language": "en"})
        assert (status, headers["cache-control"]) == (404, "no-store")
        assert body.decode() == "GraphiQL is switched off here (BFF_IDE).\n"
        for address, title in ADDRESSES.items():
            status, _, body = await gateway.ask("GET", address)
            assert (status, title in body.decode()) == (200, True)


async def test_without_a_build_pages_say_how_to_get_them_and_all_else_works(
    open_gateway: Open, tmp_path: Path
) -> None:
    async with open_gateway(bff_pages=tmp_path / "none", bff_ide=True) as gateway:
        for address in (*ADDRESSES, "/graphiql"):
            for language, words in (("ko-KR,ko;q=0.9", "보려면"), ("en-GB", "To get this page")):
                status, headers, body = await gateway.ask(
                    "GET", address, headers={"accept-language": language}
                )
                assert (status, body.decode().count("\n")) == (404, 1)
                assert words in body.decode()
                assert "fruitstore web build" in body.decode()
                assert (headers["content-language"], headers["vary"]) == (language[:2], "Accept-Language")
        assert (await gateway.ask("GET", SCRIPT_AT))[0] == 404
        assert (await gateway.graphql("{ __typename }"))["data"] == {"__typename": "Query"}
        assert (await gateway.ask("GET", "/session"))[0] == 200


async def test_a_later_build_is_for_who_starts_later(open_gateway: Open, tmp_path: Path) -> None:
    dist = build(tmp_path / "dist")
    async with open_gateway(bff_pages=dist) as gateway:
        dist.rename(tmp_path / "gone")
        build(tmp_path / "dist", mark=" 2")
        for file in PAGES:
            (tmp_path / "gone" / file).unlink()
        assert b"<title>Fruitstore</title>" in (await gateway.ask("GET", "/"))[2]
        assert (await gateway.ask("GET", SCRIPT_AT))[0] == 200
        async with open_gateway(bff_pages=dist) as later:
            assert b"<title>Fruitstore 2</title>" in (await later.ask("GET", "/"))[2]
