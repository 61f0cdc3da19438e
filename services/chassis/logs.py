"""Log lines: structured, for a console or as JSON."""

import logging
import sys

import structlog

from services.chassis import correlation, secrecy
from services.chassis.settings import ProcessSettings

SELDOM_SECONDS = 600.0


def configure(settings: ProcessSettings, part: str) -> None:
    """Send this process's log lines, also those of its libraries, to standard error in one form."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        correlation.said,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            secrecy.hide,
            renderer,
        ],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=settings.log_level.upper(), force=True)
    for noisy in ("aio_pika", "aiormq", "pymongo", "urllib3"):  # what they meet is handled, and logged by us
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    logging.getLogger("faststream").handlers.clear()  # it would write in a form of its own
    logging.getLogger("faststream").propagate = True
    frames = logging.getLogger("uvicorn.error")  # on debug it quotes WebSocket frames, tokens and all
    frames.setLevel(max(logging.INFO, logging.getLogger().level))
    logging.getLogger("opentelemetry").setLevel(logging.ERROR)  # which it is when it gives up, not before
    handler.addFilter(_Seldom("opentelemetry"))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(part=part)


class _Seldom(logging.Filter):
    """Lets one library say the same thing once in ten minutes: it does so for as long as a trouble lasts."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it is to be said."""
        if not super().filter(record):  # of another library
            return True
        said_at = self._said.get(str(record.msg), 0.0)
        if record.created - said_at < SELDOM_SECONDS:
            return False
        self._said[str(record.msg)] = record.created
        return True


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of a module."""
    bound: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return bound
