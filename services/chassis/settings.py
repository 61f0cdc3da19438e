"""Settings that every process has, read from the environment."""

import ipaddress
import os
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)
from pymongo.errors import ConfigurationError, InvalidURI
from pymongo.uri_parser import parse_uri

HTTP_ADDRESS: Final = r"^https?://[^\s/?#]+\S*$"

SECRETS_DIRECTORY: Final = "SECRETS_DIRECTORY"
"""Names a folder of files, each named as a setting in lower case; containers have one at /run/secrets."""


class FromSecrets(BaseSettings):
    """Settings of the environment; what is not set there is looked for among the secrets."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 # as it is overridden
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 # the same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment first, then files."""
        folder = Path(os.environ.get(SECRETS_DIRECTORY, "/run/secrets"))
        files = [SecretsSettingsSource(settings_cls, secrets_dir=folder)] if folder.is_dir() else []
        return (init_settings, env_settings, *files)


class ProcessSettings(FromSecrets):
    """Where a process listens, whom it talks to, and how it logs. Times are in seconds."""

    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="The port to listen on.")
    trusted_proxies: tuple[str, ...] = Field(
        (),
        description="Addresses of proxies whose X-Forwarded-For is believed, as a JSON list.",
    )
    mongo_url: str = Field(
        "mongodb://127.0.0.1:27017/?directConnection=true",
        pattern=r"^mongodb(\+srv)?://",
        description="MongoDB.",
    )
    mongo_database_prefix: str = Field(
        "fruitstore", description="Each service's database is named with this before its own name."
    )
    mongo_timeout_seconds: float = Field(5, gt=0, description="The longest a database call may take.")
    rabbitmq_url: str = Field(
        "amqp://guest:guest@127.0.0.1:5672/", pattern="^amqps?://", description="RabbitMQ."
    )
    service_secret: SecretStr = Field(
        description="The secret by which services know one another, 32 bytes or more; the same for all.",
        min_length=32,
    )
    service_secret_previous: SecretStr | None = Field(
        None,
        description="Another one that is accepted too, while it is changed: first the next, then the former.",
        min_length=32,
    )
    prefetch: int = Field(
        50, ge=1, description="How many messages a process takes in at once from its queue."
    )
    publish_timeout_seconds: float = Field(5, gt=0, description="The longest a publish may take.")
    outbox_sweep_seconds: float = Field(
        1, gt=0, description="How often to look for facts that a crash or an outage left untold."
    )
    drain_seconds: float = Field(
        0, ge=0, description="From SIGTERM: how long to answer 'not ready' before closing the door."
    )
    shutdown_seconds: int = Field(
        8, ge=1, description="How long requests in flight may take to finish once the door is closed."
    )
    watchdog_seconds: float | None = Field(
        None,
        ge=1,
        description="A process whose event loop stands still for so long ends, and says where it stood.",
    )
    log_format: Literal["console", "json"] = Field("console", description="How log lines look.")
    otlp_endpoint: str | None = Field(
        None,
        pattern=HTTP_ADDRESS,
        description="Where traces are sent, by OTLP over HTTP (`/v1/traces` is added); none: there are none.",
    )
    trace_sample_rate: float = Field(
        0.1, ge=0, le=1, description="The share of traces that are recorded; who begins a trace decides."
    )
    trace_database: bool = Field(
        default=False, description="Whether traces have a span for each command to MongoDB too, which costs."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="What is logged.")

    @field_validator("mongo_url")
    @classmethod
    def _can_be_connected_to(cls, url: str) -> str:
        """Names of an `srv` address are found when it is connected to."""
        if url.startswith("mongodb://"):
            try:
                parse_uri(url)
            except (InvalidURI, ConfigurationError, ValueError):
                raise ValueError("it is no address of a MongoDB: mongodb://host:port/") from None
        return url

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        for each in proxies:
            try:
                ipaddress.ip_network(each, strict=False)
            except ValueError:
                raise ValueError(f"{each!r} is neither an address nor a network") from None
        return proxies
