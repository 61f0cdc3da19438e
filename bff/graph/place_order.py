"""placeOrder: order fruit and pay for it."""

import uuid
from typing import Annotated

import strawberry
from pydantic import ValidationError

from bff import ordering
from bff.graph import texts
from bff.graph.consistent import OF_AN_ANSWER, hand_out
from bff.graph.context import Context, Info, told
from bff.graph.types import InLocale, Order, say
from schema.requests import PlaceOrder, Problem, ProblemCode, Problems

FIELDS = {
    "fruit_id": "fruitId",
    "payment_method": "paymentMethod",
    "idempotency_key": "idempotencyKey",
}
CODES = {
    "string_too_short": ProblemCode.REQUIRED,
    "string_too_long": ProblemCode.TOO_LONG,
    "greater_than_equal": ProblemCode.OUT_OF_RANGE,
    "less_than_equal": ProblemCode.OUT_OF_RANGE,
}


@strawberry.input(description="What to order, where to, and how it is paid.")
class PlaceOrderInput:
    fruit_id: strawberry.ID = strawberry.field(description="Which fruit: the id of one of `fruits`.")
    quantity: int = strawberry.field(description="1 to 1000.")
    address: str = strawberry.field(description="1 to 200 characters.")
    payment_method: str = strawberry.field(
        default="card-ok",
        description="What the payment provider knows the means of payment by. "
        "The sandbox approves 'card-ok' and refuses 'card-declined'.",
    )
    idempotency_key: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="Names this attempt: the same key from the same customer is the same order, "
        "however often it is sent.",
    )


@strawberry.type(description="The order stands and is paid.")
class OrderPlaced:
    order: Order = strawberry.field(description="The order, paid.")
    consistency_token: str = strawberry.field(description=OF_AN_ANSWER)


@strawberry.type(
    description="The order stands; payment has not answered in time. It settles by itself: watch orderStatus."
)
class PaymentPending:
    order: Order = strawberry.field(description="The order, as it stands.")
    consistency_token: str = strawberry.field(description=OF_AN_ANSWER)

    @strawberry.field(description="What to tell the customer.")
    def message(self, info: Info, locale: InLocale = strawberry.UNSET) -> str:
        return say(texts.PENDING, info, locale)


@strawberry.type(description="Payment refused the order.")
class PaymentDeclined:
    order: Order = strawberry.field(description="The order, as it stands.")
    consistency_token: str = strawberry.field(description=OF_AN_ANSWER)
    reason: str = strawberry.field(description="The provider's code for its refusal.")

    @strawberry.field(description="What to tell the customer.")
    def message(self, info: Info, locale: InLocale = strawberry.UNSET) -> str:
        return say(texts.DECLINED, info, locale)


@strawberry.type(
    description="Payment is overloaded or down. Nothing was ordered and nothing charged: try again later."
)
class PaymentUnavailable:
    retry_after_ms: int = strawberry.field(description="Milliseconds after which to try again.")

    @strawberry.field(description="What to tell the customer.")
    def message(self, info: Info, locale: InLocale = strawberry.UNSET) -> str:
        return say(texts.UNAVAILABLE, info, locale)


@strawberry.type(description="One thing that is wrong with the input.")
class FieldProblem:
    field: str = strawberry.field(description="The input field, as it is named in PlaceOrderInput.")
    _code: strawberry.Private[ProblemCode]

    @strawberry.field(description="What is wrong, in words.")
    def message(self, info: Info, locale: InLocale = strawberry.UNSET) -> str:
        if (self.field, self._code) == ("address", ProblemCode.TOO_LONG):
            return say(texts.ADDRESS_TOO_LONG, info, locale)
        return say(texts.PROBLEM[self._code], info, locale)


@strawberry.type(description="The input cannot be ordered.")
class InvalidOrder:
    problems: list[FieldProblem] = strawberry.field(description="All that is wrong with it.")

    @strawberry.field(description="What to tell the customer.")
    def message(self, info: Info, locale: InLocale = strawberry.UNSET) -> str:
        return say(texts.INVALID, info, locale)


PlaceOrderResult = Annotated[
    OrderPlaced | PaymentPending | PaymentDeclined | PaymentUnavailable | InvalidOrder,
    strawberry.union("PlaceOrderResult", description="What became of placeOrder."),
]


@strawberry.type
class PlaceOrderMutation:
    """The field of Mutation that this file adds."""

    @strawberry.mutation(description="Order fruit and pay for it.")
    async def place_order(
        self,
        info: Info,
        input: Annotated[PlaceOrderInput, strawberry.argument(description="What to order.")],  # noqa: A002
    ) -> PlaceOrderResult:
        customer = info.context.customer
        key = _key(input, info)
        try:
            command = PlaceOrder(
                customer_id=customer,
                fruit_id=input.fruit_id,
                quantity=input.quantity,
                address=input.address,
                payment_method=input.payment_method,
                idempotency_key=str(uuid.uuid4()) if key is None else key,
            )
        except ValidationError as error:
            return told(info, _invalid(_problems(error)))
        outcome = await info.context.services.ordering.place(command, sent_before=key is not None)
        return told(info, _result(outcome, info.context))


def _key(given: PlaceOrderInput, info: Info) -> str | None:
    """What the intention is named by: in the input, or else by the request and the field's place in it."""
    if isinstance(given.idempotency_key, str):
        return given.idempotency_key
    request = info.context.idempotency_key
    return f"{request}/{info.path.key}" if request else None


def _result(outcome: ordering.PlaceOutcome, context: Context) -> PlaceOrderResult:
    match outcome:
        case ordering.Placed(order):
            return OrderPlaced(order=Order.of(order), consistency_token=hand_out(context, order))
        case ordering.Pending(order):
            return PaymentPending(order=Order.of(order), consistency_token=hand_out(context, order))
        case ordering.Declined(order):
            return PaymentDeclined(
                order=Order.of(order),
                consistency_token=hand_out(context, order),
                reason=(order.payment.decline_reason if order.payment else None) or "declined",
            )
        case ordering.Unavailable(retry_after_ms):
            return PaymentUnavailable(retry_after_ms=retry_after_ms)
        case Problems():
            return _invalid(outcome)


def _problems(error: ValidationError) -> Problems:
    return Problems(
        problems=tuple(
            Problem(field=str(problem["loc"][0]), code=CODES.get(problem["type"], ProblemCode.NOT_VALID))
            for problem in error.errors()
        )
    )


def _invalid(problems: Problems) -> InvalidOrder:
    return InvalidOrder(
        problems=[
            FieldProblem(field=FIELDS.get(problem.field, problem.field), _code=problem.code)
            for problem in problems.problems
        ]
    )
