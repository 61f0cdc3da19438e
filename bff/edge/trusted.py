"""Trusted documents: manifests, as Apollo's tools and GraphQL Code Generator write them."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from graphql import GraphQLError, parse, print_ast

from bff.edge.asked import Asked
from bff.edge.documents import Document, Documents, RefusedError
from bff.edge.metrics import EdgeMetrics
from bff.graph.codes import Code
from bff.graph.errors import CodedError, bad_request
from bff.settings import Mode
from services.chassis.logs import logger

log = logger(__name__)

APOLLO: Final = "apollo-persisted-query-manifest"
LOGGED_ONCE: Final = 1000


class ManifestError(ValueError):
    """A manifest cannot be used; says which and why."""


def manifest(content: object) -> dict[str, str]:
    """Documents by id, in either format: what is in it says in which. Raises ManifestError."""
    if not isinstance(content, dict):
        raise ManifestError("it is no JSON object")
    found = dict(_apollo(content)) if "format" in content else content
    if not found or not all(isinstance(text, str) and name for name, text in found.items()):
        raise ManifestError("it is neither Apollo's manifest nor {id: document}")
    return found


def _apollo(content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if (content["format"], content.get("version")) != (APOLLO, 1):
        raise ManifestError(f'only version 1 of "{APOLLO}" is known')
    try:
        for each in content["operations"]:
            yield each["id"], each["body"]
    except (KeyError, TypeError):
        raise ManifestError("each of its operations needs an id and a body") from None


class Trusted:
    """The documents of all manifests, parsed and validated at once: no limit of documents holds for them."""

    def __init__(self, documents: Documents, mode: Mode, paths: Sequence[Path], metrics: EdgeMetrics) -> None:
        self._documents = documents
        self._mode = mode
        self._metrics = metrics
        self._by_id: dict[str, Document] = {}
        self._by_text: dict[str, Document] = {}
        self._logged: OrderedDict[str, None] = OrderedDict()
        for path in paths if mode is not Mode.OFF else ():
            self._read(path)

    def document(self, asked: Asked) -> Document:
        """The document that a request names or brings. Raises RefusedError."""
        try:
            if asked.query:
                return self._of_text(asked.query, asked.operation_name)
            if (name := _named(asked)) is None:
                raise bad_request("There is no query.")
            return self._of_id(name)
        except CodedError as error:
            raise RefusedError(error) from None

    def _of_id(self, name: str) -> Document:
        if self._mode is Mode.OFF:
            raise CodedError(Code.PERSISTED_QUERY_NOT_SUPPORTED, "PersistedQueryNotSupported")
        if (known := self._by_id.get(name.removeprefix("sha256:"))) is None:
            raise CodedError(Code.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound")
        return known

    def _of_text(self, text: str, operation: str | None) -> Document:
        if self._mode is Mode.OFF:
            return self._documents.read(text)
        if (known := self._by_text.get(text)) is not None:
            return known
        if self._mode is Mode.ONLY:
            return self._the_same(text, operation)
        read = self._documents.read(text)
        if (known := self._by_text.get(read.normal)) is None:
            self._untrusted(text, operation)
        return known or read

    def _the_same(self, text: str, operation: str | None) -> Document:
        """The trusted document that differs in spaces and comments alone."""
        known = self._by_text.get(print_ast(self._documents.parsed(text)))
        if known is None:
            self._untrusted(text, operation)
            raise CodedError(Code.UNTRUSTED_DOCUMENT, "Only trusted documents are executed here.")
        return known

    def _untrusted(self, text: str, operation: str | None) -> None:
        self._metrics.untrusted()
        digest = _sha256(text)
        if digest in self._logged:
            return
        self._logged[digest] = None
        if len(self._logged) > LOGGED_ONCE:
            self._logged.popitem(last=False)
        log.warning("a document that is not trusted", operation=(operation or "")[:100], sha256=digest)

    def _read(self, path: Path) -> None:
        try:
            for name, text in manifest(json.loads(path.read_text(encoding="utf-8"))).items():
                self._trust(name, text)
        except (OSError, ValueError) as error:
            raise ManifestError(f"trusted documents, {path}: {error}") from error

    def _trust(self, name: str, text: str) -> None:
        try:
            document = self._documents.validated(text, parse(text), trusted=True)
        except (GraphQLError, RefusedError) as error:
            raise ManifestError(f"{name}: {error}") from error
        for each in (name.removeprefix("sha256:"), _sha256(text)):
            self._by_id.setdefault(each, document)
        for each in (text, document.normal):
            self._by_text.setdefault(each, document)


def _named(asked: Asked) -> str | None:
    """The document's id, as GraphQL over HTTP has it or as Apollo's clients send it."""
    if asked.document_id is not None:
        return asked.document_id
    persisted = (asked.extensions or {}).get("persistedQuery")
    name = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
    return name if isinstance(name, str) else None


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()
