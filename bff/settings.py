"""Settings of the gateway."""

import uuid

from pydantic import Field, SecretStr

from services.chassis.settings import ProcessSettings


class BffSettings(ProcessSettings):
    """Times are in seconds unless the name says milliseconds."""

    order_url: str = Field("http://127.0.0.1:8001", description="Where the order service is.")
    payment_url: str = Field("http://127.0.0.1:8002", description="Where the payment service is.")
    auth_jwt_secret: SecretStr = Field(
        description="The secret that customers' tokens are signed with (HS256), 32 bytes or more.",
        min_length=32,
    )
    bff_replica: str = Field(
        default_factory=lambda: uuid.uuid4().hex, description="Names this replica's queue of changes."
    )
    bff_dev_login: bool = Field(
        default=False, description="Whether POST /dev/token gives anybody a token. Never in production."
    )
    bff_dev_token_seconds: int = Field(12 * 3600, ge=1, description="How long such a token lasts.")
    bff_allowed_origins: tuple[str, ...] = Field(
        (), description="Other origins whose pages may use the gateway, as a JSON list."
    )
    bff_order_timeout_ms: int = Field(2000, gt=0, description="The longest wait for the order service.")
    bff_payment_deadline_ms: int = Field(
        610, gt=0, description="The longest wait for payment, waiting for a connection included."
    )
    bff_payment_at_once: int = Field(
        256, ge=1, description="Payment calls in flight per replica: the bulkhead."
    )
    bff_breaker_window_seconds: float = Field(10, gt=0, description="How far back the breaker looks.")
    bff_breaker_minimum_volume: int = Field(
        20, ge=1, description="Fewer calls in the window never open the circuit."
    )
    bff_breaker_failure_rate: float = Field(
        0.5, gt=0, le=1, description="The share of failed calls that opens the circuit."
    )
    bff_breaker_recovery_seconds: float = Field(
        5, ge=0, description="From opening to the probe, give or take a fifth."
    )
    bff_subscription_init_seconds: float = Field(
        5, gt=0, description="How long a WebSocket may wait before its connection_init."
    )
    bff_subscriptions_per_connection: int = Field(
        20, ge=1, description="Operations at once on one WebSocket."
    )
    bff_trace_trusted: bool = Field(
        default=False,
        description="Whether a `traceparent` from outside is continued: only behind a proxy that sets it. "
        "Otherwise a new trace begins, linked to that one.",
    )
    bff_resync_seconds: float = Field(
        10, gt=0, description="How often live subscriptions are compared with MyPage."
    )
