"""Settings of the payment service."""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from schema.requests import SandboxLevers
from services.chassis.settings import ProcessSettings


class PaymentSettings(ProcessSettings):
    """Times are in seconds unless the name says milliseconds."""

    payment_provider: Literal["sandbox"] = Field(
        "sandbox", description="Who moves the money. The sandbox moves none."
    )
    payment_sandbox: bool = Field(
        default=False, description="Whether GET and PUT /sandbox exist: the levers."
    )
    payment_sandbox_latency_ms_min: int = Field(50, ge=0, le=600_000, description="The shortest charge.")
    payment_sandbox_latency_ms_max: int = Field(150, ge=0, le=600_000, description="The longest charge.")
    payment_sandbox_failure_rate: float = Field(0, ge=0, le=1, description="The share that fails.")
    payment_sandbox_capacity: int = Field(
        1000, ge=1, le=100_000, description="Charges at once; beyond it they queue: this is what overload is."
    )
    payment_provider_timeout_seconds: float = Field(
        20, gt=0, description="How long the provider may take; after that a charge's outcome is unknown."
    )
    payment_charge_patience_seconds: float = Field(
        5, gt=0, description="A charge or refund that nobody sees to for so long is taken up by who finds it."
    )
    payment_sweep_seconds: float = Field(
        0.5, gt=0, description="How often to look for charges and refunds that are due."
    )

    @field_validator("payment_sandbox_latency_ms_max")
    @classmethod
    def _ordered(cls, longest: int, known: ValidationInfo) -> int:
        if longest < known.data.get("payment_sandbox_latency_ms_min", 0):
            raise ValueError("is less than the shortest")
        return longest

    def levers(self) -> SandboxLevers:
        """How the sandbox behaves at first."""
        return SandboxLevers(
            latency_ms_min=self.payment_sandbox_latency_ms_min,
            latency_ms_max=self.payment_sandbox_latency_ms_max,
            failure_rate=self.payment_sandbox_failure_rate,
            capacity=self.payment_sandbox_capacity,
        )
