"""The gateway: its routes, and how it is put together."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route, WebSocketRoute

from bff.breaker import RollingBreaker
from bff.bulkhead import Bulkhead
from bff.consistency import Consistency
from bff.edge.door import Door
from bff.edge.gate import Gate
from bff.edge.guard import Guard
from bff.edge.lives import LOOKED_AT_EVERY_SECONDS, Lives, Room
from bff.edge.straight import Straight
from bff.edge.trusted import ManifestError
from bff.edge.websocket import websockets_over
from bff.feed import Feed
from bff.graph import root
from bff.graph.context import Services
from bff.identity import DATABASE, Identity
from bff.metrics import BreakerMetrics, OrderingMetrics, PaymentMetrics, show
from bff.mypage import MyPage
from bff.ops.own import Own
from bff.ops.wiring import ops_of
from bff.ordering import Ordering
from bff.orders import Orders
from bff.payments import FAILURES, Payments
from bff.session import Sessions
from bff.settings import BffSettings
from bff.web import pages
from bff.web.headers import Guarded
from schema.views import MYPAGE_DATABASE, MYPAGE_ORDERS
from services.chassis import http, metrics, mongo
from services.chassis.background import closed, forever, running
from services.chassis.bus import Bus
from services.chassis.commands import listeners
from services.chassis.entrance import Entrance
from services.chassis.health import Dependency, Health
from services.chassis.serve import serve, settings_or_exit
from services.chassis.telemetry import Telemetry
from services.chassis.trust import credentials
from services.chassis.upstream import Upstream
from services.chassis.wire import Wire

GRAPHQL = "/graphql"


def payments(settings: BffSettings, upstream: Upstream, registry: CollectorRegistry) -> Payments:
    """Payment behind its breaker, bulkhead and deadline."""
    breaker = RollingBreaker(
        "payment",
        failures=FAILURES,
        window=settings.bff_breaker_window_seconds,
        minimum_volume=settings.bff_breaker_minimum_volume,
        failure_rate=settings.bff_breaker_failure_rate,
        recovery=settings.bff_breaker_recovery_seconds,
        listener=BreakerMetrics(registry),
    )
    bulkhead = Bulkhead(settings.bff_payment_at_once)
    show(breaker, bulkhead, registry)
    deadline = settings.bff_payment_deadline_ms / 1000
    return Payments(upstream, breaker, bulkhead, deadline, PaymentMetrics(registry).became)


def room(settings: BffSettings) -> Room:
    """How many WebSockets and streams there may be."""
    return Room(
        at_most=settings.bff_connections_at_most,
        per_customer=settings.bff_connections_per_customer,
        strangers=settings.bff_connections_per_address,
        spread_seconds=settings.bff_close_spread_seconds,
    )


def wire(settings: BffSettings) -> Wire:
    """What a connection may do before anybody looks at what it says."""
    return Wire(
        frame_bytes=settings.bff_frame_bytes,
        frames_per_second=settings.bff_frames_per_second,
        ping_seconds=settings.bff_ping_seconds,
        stalled_seconds=settings.bff_stalled_seconds,
    )


def build(settings: BffSettings) -> Starlette:
    """Put the gateway together; nothing is opened yet."""
    registry = metrics.registry()
    lag = metrics.LoopLag(registry)
    telemetry = Telemetry(settings, "bff")
    client = mongo.connect(settings, listeners(telemetry))
    mypage = MyPage(mongo.database(client, settings, MYPAGE_DATABASE)[MYPAGE_ORDERS])
    feed = Feed(mypage, registry)
    bus = Bus(settings, registry, telemetry, on_reconnected=[feed.resync])
    bus.hear_changes(f"bff.{settings.bff_replica}", feed.hear)
    secret = settings.service_secret.get_secret_value()
    order_service = Upstream(settings.order_url, credentials("bff", "order", secret))
    payment_service = Upstream(settings.payment_url, credentials("bff", "payment", secret))
    orders = Orders(order_service, settings.bff_order_timeout_ms / 1000)
    paying = payments(settings, payment_service, registry)
    identity = Identity(settings, registry, mongo.database(client, settings, DATABASE))
    tokens = identity.authenticator
    lives = Lives(tokens.is_still_good, room(settings), registry, standing=tokens.standing)
    health = Health(
        {
            "mongodb": Dependency(lambda: mongo.answers(client)),
            "rabbitmq": Dependency(bus.connected, required=False, detail=bus.detail),
            "order": Dependency(order_service.alive, required=False),
            "payment": Dependency(
                payment_service.alive,
                required=False,
                detail=lambda: {"breaker": paying.breaker.snapshot()},
            ),
            **identity.dependencies(),
        },
        registry=registry,
        on_close=[lives.close],
    )
    ordering = Ordering(orders, paying, OrderingMetrics(registry))
    consistency = Consistency(
        mypage,
        feed,
        registry,
        seconds=settings.bff_consistency_ms / 1000,
        of_one=settings.bff_consistency_waits_per_customer,
        of_all=settings.bff_consistency_waits,
    )
    schema = root.schema()
    guard = Guard.of(settings, schema._schema, registry)  # noqa: SLF001 # Strawberry has no other way to it
    gate = Gate(schema, Services(ordering, orders, mypage, feed, consistency), guard)
    door = Door(settings, gate, lives, identity.authenticator)
    ops = ops_of(settings, Own(settings, paying, registry), bus, client, identity)
    sessions = Sessions(settings, identity, gate.rates)
    routes = [*_routes(door), sessions.route(), *ops.routes(), *pages.routes(settings)]

    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        telemetry.start()
        every = settings.bff_resync_seconds
        resync = forever("resync the feed", feed.resync, seconds=every)
        watch = forever("watch what stays open", lives.watch, seconds=LOOKED_AT_EVERY_SECONDS)
        beside = (lag.sample(), resync, watch, *identity.work())
        async with running(bus.run(), *beside):
            yield
        await closed(ops.close, order_service.close, payment_service.close)
        await bus.stop()
        mongo.close(client)
        await telemetry.stop()

    app = Starlette(
        routes=[*routes, *identity.routes(), *health.routes(), metrics.route(registry)],
        middleware=[
            _entrance(settings, telemetry),
            Middleware(Guarded),
            *_middleware(settings),
            Middleware(Straight, path=GRAPHQL, door=door),
        ],
        exception_handlers=http.EXCEPTION_HANDLERS,
        lifespan=life,
    )
    app.router.redirect_slashes = False  # a redirect would say our own address
    app.state.health = health
    app.state.bus = bus
    app.state.registry = registry
    return app


def _routes(door: Door) -> list[BaseRoute]:
    return [Route(GRAPHQL, door), WebSocketRoute(GRAPHQL, door)]


def _entrance(settings: BffSettings, telemetry: Telemetry) -> Middleware:
    return Middleware(Entrance, telemetry=telemetry, public=True, trusted=settings.bff_trace_trusted)


def _middleware(settings: BffSettings) -> list[Middleware]:
    if not settings.bff_allowed_origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=settings.bff_allowed_origins,
            allow_methods=["GET", "POST"],
            allow_headers=[
                *("authorization", "content-type", "last-event-id", "x-consistency-token"),
                *("traceparent", "tracestate", "x-request-id", "x-graphql-cost", "idempotency-key"),
                *("apollographql-client-name", "apollographql-client-version"),
            ],
            expose_headers=["retry-after", "www-authenticate", "x-consistency-token", "x-request-id"],
        )
    ]


def main() -> None:
    """Run the gateway as the environment says."""
    settings = settings_or_exit(BffSettings)
    try:
        app = build(settings)
    except ManifestError as error:
        sys.exit(str(error))
    serve(app, settings, "bff", wire(settings), websockets_over)


if __name__ == "__main__":
    main()
