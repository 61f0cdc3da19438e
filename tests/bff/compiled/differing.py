"""The same document, executed by graphql-core and by plans, and what is not the same about it."""

import copy
from dataclasses import dataclass
from typing import Any

import strawberry
from graphql import parse, validate
from strawberry.extensions import ParserCache, ValidationCache

from bff.graph.compiled import compiling
from bff.graph.compiled.executor import Plans
from tests.bff.compiled.documents import Asked
from tests.bff.compiled.world import Cat, Dog, Query, Stone

TYPES = [Cat, Dog, Stone]
EXECUTIONS = 3
"""Ordinary, with a plan that is made, with one that is there."""


class Quiet(strawberry.Schema):
    """Errors are what is compared."""

    def process_errors(self, errors: Any, execution_context: Any = None) -> None:
        """Log nothing."""


def schema(execution_context_class: Any = None, query: type = Query) -> Quiet:
    """The schema of everything."""
    return Quiet(
        query=query,
        types=TYPES,
        execution_context_class=execution_context_class,
        extensions=[ParserCache, ValidationCache],
    )


@dataclass
class Pair:
    """The schema twice: as graphql-core executes it, and with plans."""

    ordinary: Quiet
    compiled: Quiet
    plans: Plans

    @classmethod
    def of(cls, query: type = Query) -> "Pair":
        """Both, with no plans yet."""
        executor = compiling()
        return cls(schema(None, query), schema(executor, query), executor.plans)

    def is_valid(self, asked: Asked) -> bool:
        """Whether it may be executed."""
        return not validate(self.ordinary._schema, parse(asked.text))

    async def differences(self, asked: Asked, value: dict[str, Any]) -> list[str]:
        """What plans do otherwise, a sentence each."""
        expected = await self._executed(self.ordinary, asked, value)
        found = []
        for number in range(EXECUTIONS):
            seen = await self._executed(self.compiled, asked, value)
            found += [
                f"execution {number + 1}: {ours!r}, not {theirs!r}"
                for ours, theirs in zip(seen, expected, strict=True)
                if ours != theirs
            ]
        return found

    async def _executed(self, which: Quiet, asked: Asked, value: dict[str, Any]) -> tuple[str, list[str]]:
        result = await which.execute(
            asked.text,
            variable_values=copy.deepcopy(asked.variables),
            context_value={"greeting": "hello", **value},
            root_value=Root(value),
        )
        errors = [
            f"{error.message} at {error.path} in {error.locations} of {type(error.original_error)}"
            for error in result.errors or ()
        ]
        return repr(result.data), sorted(errors)


class Root:
    """Has what is there."""

    def __init__(self, value: dict[str, Any]) -> None:
        self.__dict__.update(value)
