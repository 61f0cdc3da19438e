"""The executor: graphql-core's, which completes the values of root fields by plans where it can."""

from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Final

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLField,
    GraphQLOutputType,
    GraphQLResolveInfo,
    OperationDefinitionNode,
    OperationType,
)
from graphql.execution import execute_subscription_event
from graphql.execution.collect_fields import FieldDetailsList, collect_fields
from graphql.pyutils import AwaitableOrValue, Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from bff.graph.compiled.kept import Kept
from bff.graph.compiled.plan import Plan, plan
from bff.graph.compiled.resolvers import Worked
from bff.graph.compiled.variables import switches_of, variables_below

KNOWN_AT_MOST: Final = 256
"""Operations with plans; a large one takes some 60 KiB."""

VARIANTS_AT_MOST: Final = 16
"""Plans for one operation: one for each root field and each set of values in @skip and @include."""

DECLINED_AT_MOST: Final = 16
"""A plan that has declined more often, and more often than not, is of no use."""


@dataclass
class _Variant:
    """One root field as it is selected with certain switches. Met for the first time, it gets no plan yet."""

    plan: Plan | None = None
    completed: int = 0
    declined: int = 0

    @property
    def is_of_no_use(self) -> bool:
        return self.declined > max(DECLINED_AT_MOST, self.completed)


@dataclass
class _Operation:
    """One operation of a document."""

    node: OperationDefinitionNode
    switches: tuple[str, ...]
    """The variables that decide what is selected."""
    variants: dict[Any, _Variant] = field(default_factory=dict)
    only: dict[Any, "_Only | None"] = field(default_factory=dict)
    """By the values of the switches: its one root field, where it has no more."""
    below: frozenset[str] | None = None
    """The variables on which it depends what is said of a root field's value, once that was asked."""


@dataclass(frozen=True)
class _Only:
    """The one root field of an operation, with a plain resolver that is to be waited for."""

    name: str
    details: FieldDetailsList
    worked: Worked


class Plans:
    """Those of the operations that were executed last, and how often they were of use."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._operations: OrderedDict[int, _Operation] = OrderedDict()
        self.completed = 0
        self.declined = 0

    def __len__(self) -> int:
        return len(self._operations)

    def variant(
        self,
        executor: "CompilingExecutor",
        type_: GraphQLOutputType,
        details: FieldDetailsList,
        name: str,
        kept: type | None = None,
    ) -> _Variant | None:
        """What is known of a root field as it is selected now; None where that varies too much."""
        known = self._operation(executor)
        given = executor.variable_values.coerced
        key = (name, *[given.get(switch) for switch in known.switches])
        found = known.variants.get(key)
        if found is not None:
            if found.plan is None and not found.completed + found.declined:
                self._make(found, executor, type_, details, kept)
            return found
        if len(known.variants) < VARIANTS_AT_MOST:
            known.variants[key] = _Variant()
        return None

    def only(self, executor: "CompilingExecutor") -> _Only | None:
        """The one root field of an operation; None where there are more, or there is more to it."""
        known = self._operation(executor)
        given = executor.variable_values.coerced
        key = tuple([given.get(switch) for switch in known.switches])
        if key not in known.only and len(known.only) < VARIANTS_AT_MOST:
            known.only[key] = _only(executor)
        return known.only.get(key)

    def below(self, executor: "CompilingExecutor") -> frozenset[str]:
        """The variables on which it depends what is said of a root field's value."""
        known = self._operation(executor)
        if known.below is None:
            known.below = variables_below(executor.operation, executor.fragment_definitions.values())
        return known.below

    def _make(
        self,
        variant: _Variant,
        executor: "CompilingExecutor",
        type_: GraphQLOutputType,
        details: FieldDetailsList,
        kept: type | None,
    ) -> None:
        try:
            variant.plan = plan(executor, type_, details, kept)
        except Exception:  # noqa: BLE001 # whatever is wrong with it, the ordinary completion will say
            variant.declined = 1

    def _operation(self, executor: "CompilingExecutor") -> _Operation:
        key = id(executor.operation)
        known = self._operations.get(key)
        if known is not None:
            self._operations.move_to_end(key)
            return known
        switches = switches_of(executor.operation, *executor.fragment_definitions.values())
        known = self._operations[key] = _Operation(executor.operation, switches)
        if len(self._operations) > self._most:
            self._operations.popitem(last=False)
        return known


class CompilingExecutor(StrawberryGraphQLCoreExecutionContext):
    """One execution of an operation."""

    plans: ClassVar[Plans]

    def complete_value(
        self,
        return_type: GraphQLOutputType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        """Complete a root field's value by its plan, where there is one that does not decline it."""
        kept = result if isinstance(result, Kept) else None
        is_whole = path.prev is None and return_type is info.return_type
        if is_whole and not self._middlewares:
            name, kind = str(path.key), kept.kind if kept else None
            variant = self.plans.variant(self, return_type, field_details_list, name, kind)
            if variant is not None and variant.plan is not None:
                try:
                    completed = variant.plan.complete(self, kept.mapping if kept else result)
                except Exception:  # noqa: BLE001 # declined, or an error that is to be graphql-core's
                    self._declined(variant)
                else:
                    self._completed(variant)
                    return completed
        value = kept.made() if kept else result
        return super().complete_value(return_type, field_details_list, info, path, value, position_context)

    def execute_operation(self, serially: bool | None = None) -> AwaitableOrValue[Any]:  # noqa: FBT001 # graphql-core's
        """Execute it; one root field with a plain resolver, without what many would need."""
        is_usual = serially is None and self.abort_signal is None and not self._middlewares
        only = self.plans.only(self) if is_usual else None
        return super().execute_operation(serially) if only is None else self._execute(only)

    async def _execute(self, only: _Only) -> Any:
        worked, details = only.worked, only.details
        return_type, path = worked.field.type, Path(None, only.name, worked.parent_type.name)
        info = self.build_resolve_info(worked.field, list(worked.nodes), worked.parent_type, path)
        completed = None
        try:
            arguments = worked.arguments(self, info)
            value = await worked.call(*((self.root_value,) if worked.has_self else ()), **arguments)
            completed = self.complete_value(return_type, details, info, path, value, None)
            if self.is_awaitable(completed):
                completed = await completed
        except Exception as raw_error:  # noqa: BLE001 # as graphql-core does it
            try:
                self.handle_field_error(raw_error, return_type, details, path)
            except GraphQLError as error:
                self.collected_errors.add(error, None)
                return self.build_response(None)
            completed = None
        return self.build_response({only.name: completed})

    @property
    def _middlewares(self) -> Any:
        return getattr(self.middleware_manager, "middlewares", ())

    def event(self, payload: Any) -> AwaitableOrValue[ExecutionResult]:
        """What is sent for one event of a subscription."""
        name, field, details = self._watched
        variant = self.plans.variant(self, field.type, details, name)
        if variant is not None and variant.plan is not None:
            try:
                completed = variant.plan.complete(self, payload)
            except Exception:  # noqa: BLE001 # declined, or an error that is to be graphql-core's
                self._declined(variant)
            else:
                self._completed(variant)
                return ExecutionResult({name: completed}, None)
        return execute_subscription_event(self.build_per_event_executor(payload))

    @property
    def variables_below(self) -> frozenset[str]:
        """The variables on which it depends what is said of a root field's value: not its own arguments'."""
        return self.plans.below(self)

    @cached_property
    def _watched(self) -> tuple[str, GraphQLField, FieldDetailsList]:
        """The one field of a subscription: its events are its values."""
        type_ = self.schema.subscription_type
        assert type_ is not None  # noqa: S101 # or there would be no events
        fields = collect_fields(self.schema, self.fragments, self.variable_values, type_, self.operation)
        [(name, details)] = fields.grouped_field_set.items()
        field = self.schema.get_field(type_, details[0].node.name.value)
        assert field is not None  # noqa: S101 # the document is validated
        return name, field, details

    def _completed(self, variant: _Variant) -> None:
        self.plans.completed += 1
        variant.completed += 1

    def _declined(self, variant: _Variant) -> None:
        self.plans.declined += 1
        variant.declined += 1
        if variant.is_of_no_use:
            variant.plan = None


def compiling(operations: int = KNOWN_AT_MOST) -> type[CompilingExecutor]:
    """An `execution_context_class` for one schema, with plans for the last so many operations."""
    return type("CompilingExecutor", (CompilingExecutor,), {"plans": Plans(operations)})


def _only(executor: CompilingExecutor) -> _Only | None:
    type_ = executor.schema.get_root_type(executor.operation.operation)
    if type_ is None or executor.operation.operation is OperationType.SUBSCRIPTION:
        return None
    try:
        fields = collect_fields(
            executor.schema, executor.fragments, executor.variable_values, type_, executor.operation
        )
        [(name, details)] = fields.grouped_field_set.items()
        field = executor.schema.get_field(type_, details[0].node.name.value)
        assert field is not None  # noqa: S101 # the document is validated
        worked = Worked.of(executor, field, tuple(each.node for each in details), type_)
    except Exception:  # noqa: BLE001 # there is more to it: graphql-core will see
        return None
    return _Only(name, details, worked) if worked.is_async else None
