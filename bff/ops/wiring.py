"""How what operators see and do is put together."""

from bff.ops.desk import Desk
from bff.ops.guard import Operators
from bff.ops.neighbours import NAMES, SECONDS, Neighbour
from bff.ops.own import Own
from bff.ops.queues import Queues
from bff.ops.routes import Ops
from bff.ops.sandbox import Sandbox
from bff.ops.sharing import InTime
from bff.ops.state import State
from bff.settings import BffSettings
from services.chassis import mongo
from services.chassis.bus import Bus
from services.chassis.trust import credentials
from services.chassis.upstream import Upstream


def ops_of(settings: BffSettings, own: Own, bus: Bus, client: mongo.Client, operators: Operators) -> Ops:
    """Put it together; nothing is opened before somebody looks."""
    show = credentials("bff", "payment", settings.service_secret.get_secret_value())
    sandbox = Sandbox(Upstream(settings.payment_url, show))
    urls = (settings.order_url, settings.payment_url, settings.delivery_url, settings.mypage_url)
    state = State(
        own,
        [Neighbour(name, Upstream(url) if url else None) for name, url in zip(NAMES, urls, strict=True)],
        Queues(bus.state_of),
        InTime("mongodb", lambda: mongo.answers(client), SECONDS),
        InTime("rabbitmq", bus.connected, SECONDS),
        InTime("sandbox", sandbox.is_there, SECONDS),
    )
    return Ops(operators, state, Desk(settings.rabbitmq_url), sandbox)
