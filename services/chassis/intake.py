"""One message on its way in: handed on patiently, and in the end acknowledged or met as a setback."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import aio_pika
from faststream import BaseMiddleware, ContextRepo

from services.chassis.hearing import Ear
from services.chassis.logs import logger
from services.chassis.patience import NoLongerHeldError, patiently
from services.chassis.setbacks import acknowledge, is_held

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
        self, msg: aio_pika.IncomingMessage, /, *, context: ContextRepo, ears: Sequence[Ear]
    ) -> None:
        super().__init__(msg, context=context)
        subscriber = context.get_local("handler_")
        self._ear = next(ear for ear in ears if ear.subscriber is subscriber)

    async def on_receive(self) -> None:
        """It has come."""
        self._ear.receives()

    async def after_processed(
        self,
        exc_type: type[BaseException] | None = None,
        exc_val: BaseException | None = None,
        exc_tb: Any = None,
    ) -> bool | None:
        """It was dealt with, or not."""
        del exc_type, exc_tb
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
