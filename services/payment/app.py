"""The payment service: its routes, what it hears, and how it is put together."""

from datetime import timedelta
from functools import partial
from typing import get_args

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schema.events import PaymentEvent
from schema.feed import Account
from schema.requests import ApprovePayment, PaymentReply, SandboxLevers
from services.chassis import http, mongo
from services.chassis.background import forever
from services.chassis.clock import now
from services.chassis.feed import Feed
from services.chassis.healing import healing
from services.chassis.room import Room
from services.chassis.serve import serve, settings_or_exit
from services.payment.domain import Payment
from services.payment.due import Due
from services.payment.handlers import OtherRequestError, Payments
from services.payment.levers import FOLLOW_SECONDS, SharedLevers
from services.payment.provider import (
    OutcomeUnknownError,
    PaymentProvider,
    ProviderUnavailableError,
    SandboxProvider,
    Timely,
)
from services.payment.settings import PaymentSettings
from services.payment.store import ENTRY, MongoPayments


class Routes:
    """What can be asked over HTTP; requests and replies are those of `schema.requests`."""

    def __init__(self, payments: Payments, levers: SharedLevers) -> None:
        self._payments = payments
        self._levers = levers

    def routes(self, *, levers: bool) -> list[Route]:
        """All routes; the sandbox's levers only where asked for."""
        routes = [
            Route("/payments/{order_id}", self.approve, methods=["PUT"]),
            Route("/payments/{order_id}", self.find, methods=["GET"]),
        ]
        if levers:
            routes += [
                Route("/sandbox", self.levers, methods=["GET"]),
                Route("/sandbox", self.pull, methods=["PUT"]),
            ]
        return routes

    async def approve(self, request: Request) -> Response:
        """Pay for an order: 200 settled, 409 another request, 503 not charged, for good, 504 not known."""
        command = await http.body_of(request, ApprovePayment)
        try:
            payment = await self._payments.approve(request.path_params["order_id"], command)
        except OtherRequestError:
            return http.refusal(409, "This order is known with another amount or means of payment.")
        except ProviderUnavailableError:
            return http.refusal(503, "The provider is not available; nothing was charged.")
        except OutcomeUnknownError:
            return http.refusal(504, "The provider has not answered: whether it charged is not known yet.")
        return http.reply(_reply(payment))

    async def find(self, request: Request) -> Response:
        """The payment as it stands: 200, 404."""
        payment = await self._payments.find(request.path_params["order_id"])
        if payment is None:
            return http.refusal(404, "No payment was asked for this order.")
        return http.reply(_reply(payment))

    async def levers(self, _: Request) -> Response:
        """How the sandbox behaves."""
        return http.reply(self._levers.levers)

    async def pull(self, request: Request) -> Response:
        """Make the sandbox behave so; what is left out is as at first."""
        await self._levers.pull(await http.body_of(request, SandboxLevers))
        return http.reply(self._levers.levers)


class Accounts:
    """What the provider's books say, added to the feed's entries."""

    def __init__(self, provider: PaymentProvider) -> None:
        self._provider = provider

    async def add(self, entries: list[mongo.Document]) -> None:
        """Add to each its account. Raises HTTPException (503) where the books cannot be read now."""
        try:
            known = await self._provider.statements([entry["order_id"] for entry in entries])
        except ProviderUnavailableError as error:
            raise HTTPException(503, "The provider's books cannot be read now: ask again.") from error
        for entry in entries:
            entry["account"] = known.get(entry["order_id"], Account()).model_dump()


def _reply(payment: Payment) -> PaymentReply:
    return PaymentReply(order_id=payment.order_id, status=payment.status, facts=payment.facts)


def build(settings: PaymentSettings) -> Starlette:
    """Put the service together; nothing is opened yet."""
    room = Room("payment", settings, needs_bus=False)
    outbox = room.outbox(room.database["payments"])
    store = MongoPayments(room.database["payments"], outbox)
    sandbox = SandboxProvider(room.database["sandbox_ledger"], settings.levers(), room.registry)
    patience = timedelta(seconds=settings.payment_charge_patience_seconds)
    levers = SharedLevers(room.database["sandbox_levers"], sandbox, now)
    provider = Timely(sandbox, settings.payment_provider_timeout_seconds)
    payments = Payments(store, provider, now, patience, room.bus.tell)
    due = Due(store, payments, provider, now, patience, healing(room.registry))
    every, pulls = settings.payment_sweep_seconds, settings.payment_sandbox
    follow = partial(forever, "follow the levers", levers.follow, seconds=FOLLOW_SECONDS)
    room.bus.will_tell(*get_args(PaymentEvent))
    room.bus.hear("payment", payments.hear_order_canceled)
    feed = Feed(room.database["payments"], ENTRY, Accounts(sandbox).add)
    return room.app(
        [*Routes(payments, levers).routes(levers=pulls), *feed.routes()],
        prepare=[store.prepare, outbox.prepare],
        outbox=outbox,
        work=[
            partial(forever, "charge what is due", due.charge_what_is_due, seconds=every),
            partial(forever, "refund what is due", due.refund_what_is_due, seconds=every),
            *([follow] if pulls else []),
        ],
    )


def main() -> None:
    """Run the service as the environment says."""
    settings = settings_or_exit(PaymentSettings)
    serve(build(settings), settings, "payment")


if __name__ == "__main__":
    main()
