"""The files of a build, as they were when it was read, and how each is sent."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from bff.web import coding

KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""What is served; anything else in a build is for itself."""

MAPPED_FROM_BYTES: Final = 32 * 1024
"""Larger files are read as they are sent: all of them are 11 MiB, of which most gateways never send one."""

FOR_A_YEAR: Final = "public, max-age=31536000, immutable"
ASKED_AGAIN: Final = "no-cache"


Body = bytes | mmap
"""What `[:]` gives. A mapped file stays what it was, also where it is removed; nobody writes into a build."""


@dataclass(frozen=True)
class File:
    """One file: its bytes by content coding, of which `identity` is always there."""

    kind: str
    bodies: Mapping[str, Body] = field(repr=False)
    digest: str

    def answer(self, request: Request, headers: Mapping[str, str]) -> Response:
        """200, or 304 where the browser has it already."""
        chosen = coding.best(request.headers.get("accept-encoding"), self.bodies)
        etag = f'"{self.digest}-{chosen}"'
        said = {"etag": etag, "vary": "Accept-Encoding", **headers}
        if _names(request.headers.get("if-none-match", ""), etag):
            return Response(status_code=304, headers=said)
        if chosen != coding.IDENTITY:
            said["content-encoding"] = chosen
        return Response(self.bodies[chosen][:], headers={**said, "content-type": self.kind})


def read(folder: Path) -> dict[str, File]:
    """All files of a build, by their paths in it; none where there is no build.

    Where it is replaced meanwhile, the new one is read: never some files of either.
    """
    while folder.is_dir():
        found = _which(folder)
        try:
            files = dict(_files(folder))
        except FileNotFoundError:
            continue
        if _which(folder) == found:
            return files
    return {}


def _which(folder: Path) -> tuple[int, int] | None:
    """Tells a folder from another one in its place."""
    try:
        found = folder.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_ctime_ns


def _files(folder: Path) -> Iterator[tuple[str, File]]:
    for path in folder.rglob("*"):
        if path.suffix in KINDS and path.is_file():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()[:32]
            bodies = {coding.IDENTITY: _body(path), **dict(_compressed(path))}
            yield path.relative_to(folder).as_posix(), File(KINDS[path.suffix], bodies, digest)


def _body(path: Path) -> Body:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size < MAPPED_FROM_BYTES:
            return file.read()
        return mmap(file.fileno(), 0, access=ACCESS_READ)


def _compressed(path: Path) -> Iterator[tuple[str, Body]]:
    for name, suffix in coding.SUFFIXES.items():
        beside = path.with_name(path.name + suffix)
        if beside.is_file():
            yield name, _body(beside)


def _names(header: str, etag: str) -> bool:
    """Whether If-None-Match names it; weakly, as it is compared there."""
    named = {each.strip().removeprefix("W/") for each in header.split(",")}
    return etag in named or "*" in named
