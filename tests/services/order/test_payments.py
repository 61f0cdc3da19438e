"""What order makes of what payment says when asked, on a real socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schema.requests import PaymentReply
from schema.views import PaymentStatus
from services.chassis.upstream import Upstream
from services.order.payments import Payments
from tests import facts
from tests.services.sockets import on_a_socket

APPROVED = PaymentReply(order_id=facts.ORDER, status=PaymentStatus.APPROVED, facts=(facts.approved(),))


@asynccontextmanager
async def saying(*answers: tuple[int, str]) -> AsyncIterator[Payments]:
    """Payment that gives these answers one after the other."""
    left = list(answers)

    async def answer(_: Request) -> Response:
        status, body = left.pop(0)
        return Response(body, status_code=status)

    async with on_a_socket(Starlette(routes=[Route("/payments/{order_id}", answer)])) as url:
        upstream = Upstream(url)
        try:
            yield Payments(upstream)
        finally:
            await upstream.close()
    assert not left, "it was not asked so often"


async def test_what_payment_has_told_is_known() -> None:
    async with saying((200, APPROVED.model_dump_json())) as payments:
        assert await payments.facts([facts.ORDER]) == {facts.ORDER: APPROVED.facts}


async def test_one_bad_moment_of_payment_is_not_taken_for_silence() -> None:
    async with saying((504, ""), (200, APPROVED.model_dump_json())) as payments:
        assert await payments.facts([facts.ORDER]) == {facts.ORDER: APPROVED.facts}


@pytest.mark.parametrize("answers", [[(404, "")], [(500, ""), (503, "")]], ids=["unknown", "away"])
async def test_silence_is_silence(answers: list[tuple[int, str]]) -> None:
    async with saying(*answers) as payments:
        assert await payments.facts([facts.ORDER]) == {}


async def test_what_makes_no_sense_is_no_answer_either_way() -> None:
    async with saying((200, "{")) as payments:
        assert await payments.facts([facts.ORDER]) == {facts.ORDER: None}
