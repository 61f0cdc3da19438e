"""Documents: parsed, held against the limits, validated; each text once."""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    parse,
    print_ast,
    specified_rules,
    validate,
)
from graphql.validation import OverlappingFieldsCanBeMergedRule, ValidationContext

from bff.edge.limits import Limits, check, refuse_too_long
from bff.edge.roots import root_fields
from bff.graph.codes import Code
from bff.graph.errors import CodedError, bad_request

CACHED: Final = 1000
CACHED_CHARACTERS: Final = 256 * 1024
"""Parsed, a character takes up to 400 bytes: whatever floods in, no more than some hundred megabytes."""
ERRORS_AT_MOST: Final = 10


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
    trusted: bool = False
    """Whether it is one of the manifests': known beforehand, and good."""
    prices: dict[Any, int] = field(default_factory=dict, compare=False)
    """What its operations cost with the variables last seen."""
    roots: dict[int, dict[str, str]] = field(default_factory=dict, compare=False)
    """The root fields of its operations."""

    @cached_property
    def normal(self) -> str:
        """Its text without what means nothing: comments and spaces."""
        return print_ast(self.parsed)

    def fields(self, operation: OperationDefinitionNode) -> dict[str, str]:
        """An operation's root fields: names in the schema, by response name."""
        if (known := self.roots.get(id(operation))) is None:
            known = self.roots[id(operation)] = root_fields(self.parsed, operation)
        return known

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation that is meant. Raises a CodedError (BAD_REQUEST)."""
        meant = [each for each in self.operations if name is None or (each.name and each.name.value == name)]
        if not meant:
            raise bad_request("There is no such operation in the document.")
        if len(meant) > 1:
            raise bad_request("Say which operation is meant: operationName.")
        return meant[0]


class Documents:
    """Reads documents, and remembers those that were read last; those that were refused it forgets."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, *, suggestions: bool = False) -> None:
        self._schema = schema
        self._limits = limits
        self._suggestions = suggestions
        self._rules = rules(limits.comparisons)
        self._read: OrderedDict[str, Document] = OrderedDict()
        self._characters = 0

    def read(self, text: str) -> Document:
        """Parse, limit and validate a document. Raises RefusedError."""
        if (known := self._read.get(text)) is not None:
            self._read.move_to_end(text)
            return known
        parsed = self.parsed(text)
        try:
            check(parsed, self._limits)
        except CodedError as error:
            raise RefusedError(error) from None
        document = self.validated(text, parsed)
        self._remember(document)
        return document

    def parsed(self, text: str) -> DocumentNode:
        """Parse a text that is not too long. Raises RefusedError."""
        try:
            refuse_too_long(text, self._limits)
            most = self._limits.tokens
            return parse(text, max_lexical_tokens=most, max_comments=most)
        except GraphQLSyntaxError as error:
            raise RefusedError(_too_much(error)) from None
        except CodedError as error:
            raise RefusedError(error) from None
        except RecursionError:
            raise RefusedError(too_deep()) from None

    def validated(self, text: str, parsed: DocumentNode, *, trusted: bool = False) -> Document:
        """Validate what is parsed; what is trusted may take any time. Raises RefusedError."""
        errors = validate(
            self._schema,
            parsed,
            specified_rules if trusted else self._rules,
            max_errors=ERRORS_AT_MOST,
            hide_suggestions=not self._suggestions,
        )
        if errors:
            raise RefusedError(*map(_not_valid, errors))
        found = [each for each in parsed.definitions if isinstance(each, OperationDefinitionNode)]
        return Document(text, parsed, tuple(found), trusted)

    def _remember(self, document: Document) -> None:
        self._read[document.text] = document
        self._characters += len(document.text)
        while len(self._read) > CACHED or self._characters > CACHED_CHARACTERS:
            _, forgotten = self._read.popitem(last=False)
            self._characters -= len(forgotten.text)


def rules(comparisons: int) -> Collection[type[ASTValidationRule]]:
    """The specification's rules, of which the dearest may make so many steps and no more.

    It compares fields of the same name pair by pair, also those of fragments.
    """

    class Metered(OverlappingFieldsCanBeMergedRule):
        def __init__(self, context: ValidationContext) -> None:
            super().__init__(context)
            self.rule_context.remaining_complexity_budget = comparisons

    return [Metered if each is OverlappingFieldsCanBeMergedRule else each for each in specified_rules]


def too_deep() -> CodedError:
    """What is nested beyond what a parser can follow."""
    return CodedError(Code.DOCUMENT_TOO_DEEP, "It is nested too deeply.")


def _too_much(error: GraphQLSyntaxError) -> GraphQLError:
    """graphql-core has no other mark for what it stopped to read."""
    if error.description.startswith("Document contains more than"):
        return CodedError(Code.DOCUMENT_TOO_LONG, error.description.removesuffix(" Parsing aborted."))
    if error.description.startswith("Document is nested too deeply"):
        return too_deep()
    return error


def _not_valid(error: GraphQLError) -> GraphQLError:
    """graphql-core falls over numbers of thousands of digits: that is no bug of ours."""
    if error.message == "Validation aborted.":
        return CodedError(Code.DOCUMENT_TOO_COMPLEX, "The same fields are asked for too often to compare.")
    if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
        return CodedError(Code.GRAPHQL_VALIDATION_FAILED, error.message)
    return error
