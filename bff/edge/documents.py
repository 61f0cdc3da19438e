"""Documents: parsed, held against the limits, validated; each text once."""

from collections import OrderedDict
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    validate,
)

from bff.graph.codes import Code
from bff.graph.errors import CodedError, bad_request

CACHED = 1000
TOKENS_AT_MOST = 2000
ERRORS_AT_MOST = 10


class RefusedError(Exception):
    """A document is not executed; `errors` say why."""

    def __init__(self, *errors: GraphQLError) -> None:
        super().__init__(*errors)
        self.errors = errors


@dataclass(frozen=True)
class Document:
    """A document that may be executed."""

    text: str
    parsed: DocumentNode
    operations: tuple[OperationDefinitionNode, ...]

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation that is meant. Raises a CodedError (BAD_REQUEST)."""
        meant = [each for each in self.operations if name is None or (each.name and each.name.value == name)]
        if not meant:
            raise bad_request("There is no such operation in the document.")
        if len(meant) > 1:
            raise bad_request("Say which operation is meant: operationName.")
        return meant[0]


class Documents:
    """Reads documents, and remembers the last thousand."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._read: OrderedDict[str, Document] = OrderedDict()

    def read(self, text: str) -> Document:
        """Parse, limit and validate a document. Raises RefusedError."""
        if (known := self._read.get(text)) is not None:
            self._read.move_to_end(text)
            return known
        document = self._document(text)
        self._read[text] = document
        if len(self._read) > CACHED:
            self._read.popitem(last=False)
        return document

    def _document(self, text: str) -> Document:
        try:
            parsed = parse(text, max_tokens=TOKENS_AT_MOST)
        except GraphQLError as error:
            raise RefusedError(error) from None
        except RecursionError:
            raise RefusedError(CodedError(Code.DOCUMENT_TOO_DEEP, "It is nested too deeply.")) from None
        if errors := validate(self._schema, parsed, max_errors=ERRORS_AT_MOST):
            raise RefusedError(*errors)
        found = [each for each in parsed.definitions if isinstance(each, OperationDefinitionNode)]
        return Document(text, parsed, tuple(found))
