"""Settings of the delivery service."""

from pydantic import Field

from services.chassis.settings import ProcessSettings


class DeliverySettings(ProcessSettings):
    """Times are in seconds."""

    delivery_sandbox: bool = Field(
        default=False, description="Whether deliveries complete by themselves, so that a story ends."
    )
    delivery_sandbox_seconds: float = Field(60, ge=0, description="How long such a delivery takes.")
