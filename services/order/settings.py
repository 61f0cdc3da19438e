"""Settings of the order service."""

from pydantic import Field

from services.chassis.settings import HTTP_ADDRESS, ProcessSettings


class OrderSettings(ProcessSettings):
    """Times are in seconds."""

    payment_url: str = Field(
        "http://127.0.0.1:8002", pattern=HTTP_ADDRESS, description="Where the payment service is."
    )
    order_payment_patience_seconds: float = Field(
        30, gt=0, description="How long an order waits for its payment before it is canceled."
    )
    order_remind_seconds: float = Field(
        30, gt=0, description="How long an order waits for any other answer until that is asked for again."
    )
    order_watch_seconds: float = Field(1, gt=0, description="How often to look for such orders.")
