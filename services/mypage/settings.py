"""Settings of the mypage service."""

from pydantic import Field

from services.chassis.settings import HTTP_ADDRESS, ProcessSettings


class MypageSettings(ProcessSettings):
    """Whom mypage asks when its pages are made anew, or lack a fact; otherwise it only hears."""

    order_url: str = Field(
        "http://127.0.0.1:8001", pattern=HTTP_ADDRESS, description="Where the order service is."
    )
    payment_url: str = Field(
        "http://127.0.0.1:8002", pattern=HTTP_ADDRESS, description="Where the payment service is."
    )
    delivery_url: str = Field(
        "http://127.0.0.1:8003", pattern=HTTP_ADDRESS, description="Where the delivery service is."
    )
    mypage_remind_seconds: float = Field(
        30, gt=0, description="How long a page waits for a fact until those who may know it are asked."
    )
