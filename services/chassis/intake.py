"""One message on its way in: handed on patiently, and in the end acknowledged or met as a setback."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from typing import Any

import aio_pika
from faststream import BaseMiddleware, ContextRepo
from opentelemetry.trace import SpanKind

from services.chassis import spans
from services.chassis.carried import Carried
from services.chassis.hearing import Ear
from services.chassis.logs import logger
from services.chassis.patience import NoLongerHeldError, patiently
from services.chassis.setbacks import acknowledge, is_held
from services.chassis.telemetry import Telemetry

log = logger(__name__)


class HandlerFailedError(Exception):
    """The message is a fact, and its handler raised the cause of this."""


async def take_in(handle: Callable[[], Awaitable[None]], message: aio_pika.IncomingMessage) -> None:
    """Hand a fact on, patiently. Raises HandlerFailedError and NoLongerHeldError."""
    try:
        await patiently(handle, partial(is_held, message), message.message_id)
    except NoLongerHeldError:
        raise
    except Exception as error:
        raise HandlerFailedError from error


class Delivery(BaseMiddleware[Any, Any]):
    """One message on its way through: counted, and in the end acknowledged or met as a setback.

    It is around everything, so it sees also what cannot be decoded or is not what is heard here.
    """

    def __init__(
        self,
        msg: aio_pika.IncomingMessage,
        /,
        *,
        context: ContextRepo,
        ears: Sequence[Ear],
        telemetry: Telemetry,
    ) -> None:
        super().__init__(msg, context=context)
        subscriber = context.get_local("handler_")
        self._ear = next(ear for ear in ears if ear.subscriber is subscriber)
        self._telemetry = telemetry
        self._meanwhile = ExitStack()

    async def on_receive(self) -> None:
        """It has come."""
        self._ear.receives()
        came = Carried.of({**self.msg.headers, "correlation_id": self.msg.correlation_id})
        name = spans.processing(self.msg)
        span = self._meanwhile.enter_context(self._telemetry.begun(name, SpanKind.CONSUMER, came))
        spans.processes(span, self.msg)

    async def after_processed(
        self,
        exc_type: type[BaseException] | None = None,
        exc_val: BaseException | None = None,
        exc_tb: Any = None,
    ) -> bool | None:
        """It was dealt with, or not."""
        try:
            return await self._end(exc_val)
        except NoLongerHeldError:
            return True
        except Exception:
            log.exception("left to the broker to set aside", id=self.msg.message_id)
            await self.msg.reject()
            return True
        finally:
            self._ear.is_done()
            with suppress(BaseException):  # the span only notes what was met, and gives it back
                self._meanwhile.__exit__(exc_type, exc_val, exc_tb)

    async def _end(self, error: BaseException | None) -> bool:
        setbacks = self._ear.setbacks
        if setbacks is None:  # of what nobody keeps, FastStream lets go
            return False
        match error:
            case None:
                await acknowledge(self.msg)
            case HandlerFailedError(__cause__=Exception() as cause):
                await setbacks.failed(self.msg, cause)
            case NoLongerHeldError():
                pass
            case Exception():
                await setbacks.malformed(self.msg, error)
            case _:
                return False
        return True
