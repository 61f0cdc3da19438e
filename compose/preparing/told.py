"""What the set-up job is told: how it comes in as administrator, and whom it makes accounts for."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, StringConstraints

from compose.topology import MODULES
from services.chassis.settings import FromSecrets

Url = Annotated[str, StringConstraints(min_length=1)]


class NotOurSecretsError(Exception):
    """The data were made with another secret than the one that is named."""


class PrepareSettings(FromSecrets):
    """Where the servers are, and the credentials of all; each setting is a file among the secrets as well."""

    mongo_admin_url: str = Field(
        "mongodb://%2Fsockets%2Fmongodb-27017.sock/?directConnection=true",
        description="How the administrator reaches mongod; the first one can be made only over its socket.",
    )
    mongo_admin_password: SecretStr = Field(min_length=1, description="The administrator's password.")
    mongo_member: str = Field("mongo:27017", description="The name by which everybody reaches mongod.")
    mongo_database_prefix: str = Field("fruitstore", description="As the parts are told.")
    rabbitmq_admin_url: str = Field("http://rabbitmq:15672", description="RabbitMQ's management.")
    rabbitmq_admin_password: SecretStr = Field(
        min_length=1, description="The administrator's password there."
    )
    prepare_seconds: float = Field(120, gt=0, description="How long the servers may take to come up.")

    order_mongo_url: Url
    payment_mongo_url: Url
    delivery_mongo_url: Url
    mypage_mongo_url: Url
    bff_mongo_url: Url
    order_rabbitmq_url: Url
    payment_rabbitmq_url: Url
    delivery_rabbitmq_url: Url
    mypage_rabbitmq_url: Url
    bff_rabbitmq_url: Url

    def mongo_url(self, part: str) -> str:
        """By which a part reaches MongoDB."""
        return str(getattr(self, f"{part}_mongo_url"))

    def rabbitmq_url(self, part: str) -> str:
        """By which a part reaches RabbitMQ."""
        return str(getattr(self, f"{part}_rabbitmq_url"))


@dataclass(frozen=True, slots=True)
class Account:
    """One part's user on one of the servers."""

    part: str
    name: str
    password: str

    @classmethod
    def of(cls, part: str, url: str) -> "Account":
        """As its address says it. Raises ValueError where it names nobody."""
        parsed = urlsplit(url)
        if not parsed.username or not parsed.password:
            raise ValueError(f"the address that {part} is given names no user and password")
        return cls(part, unquote(parsed.username), unquote(parsed.password))


PARTS = tuple(MODULES)
