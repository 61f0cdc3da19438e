"""Settings of the gateway."""

import re
import uuid
from enum import StrEnum
from pathlib import Path
from typing import Final

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from bff.keys import PUBLISHED, SHARED
from services.chassis.settings import HTTP_ADDRESS, ProcessSettings

ORIGIN: Final = re.compile(r"https?://[^\s/?#*@]+")

PUBLIC_KEY: Final = re.compile(r"-{4,5} ?BEGIN |ssh-(rsa|dss|ed25519) |ecdsa-sha2-")
"""Whoever knows an issuer's public key could sign with it, were it taken for the secret (RFC 8725, 2.1)."""


class Mode(StrEnum):
    """What becomes of documents that no manifest of trusted documents has."""

    OFF = "off"
    LOG = "log"
    ONLY = "only"


class BffSettings(ProcessSettings):
    """Times are in seconds unless the name says milliseconds."""

    order_url: str = Field(
        "http://127.0.0.1:8001", pattern=HTTP_ADDRESS, description="Where the order service is."
    )
    payment_url: str = Field(
        "http://127.0.0.1:8002", pattern=HTTP_ADDRESS, description="Where the payment service is."
    )
    delivery_url: str | None = Field(
        None, pattern="^https?://", description="Where the delivery service is, for operators to see."
    )
    mypage_url: str | None = Field(
        None, pattern="^https?://", description="Where the mypage service is, for operators to see."
    )
    auth_jwks_url: str | None = Field(
        None, pattern=HTTP_ADDRESS, description="Where an issuer publishes the keys of its tokens."
    )
    auth_jwt_secret: SecretStr | None = Field(
        None,
        description="The secret that customers' tokens are signed with, 32 bytes or more; or a JWKS URL.",
        min_length=32,
        validate_default=True,
    )
    auth_algorithms: tuple[str, ...] = Field(
        (),
        description="Which may sign, as a JSON list; else HS256 by the secret, and all that suit a JWKS key.",
        validate_default=True,
    )
    auth_jwks_refresh_seconds: float = Field(
        300, ge=1, le=86400, description="How often the issuer's keys are fetched; a new one's at once."
    )
    auth_issuer: str | None = Field(
        None, min_length=1, description="What a token's `iss` has to be; anything where this is not set."
    )
    auth_audience: str | None = Field(
        None, min_length=1, description="What a token's `aud` has to name; anything where this is not set."
    )
    auth_leeway_seconds: int = Field(
        5, ge=0, le=300, description="How far the issuer's clock may be from ours: for exp, nbf and iat."
    )
    auth_operator_role: str = Field(
        "operator", min_length=1, description="Who has this among their token's `roles` is an operator."
    )
    auth_sign_out_seconds: int = Field(
        30 * 86400, ge=60, description="How long a sign-out is remembered: longer than any token lasts."
    )
    bff_replica: str = Field(
        default_factory=lambda: uuid.uuid4().hex, description="Names this replica's queue of changes."
    )
    bff_dev_login: bool = Field(
        default=False, description="Whether POST /dev/token gives anybody a token. Never in production."
    )
    bff_ide: bool = Field(
        default=False, description="Whether there is a GraphiQL at /graphiql. Not in production."
    )
    bff_pages: Path | None = Field(
        None, description="A folder of built pages to serve in place of our own (`fruitstore web build`)."
    )
    payment_sandbox: bool = Field(
        default=False,
        description="Whether GET and PUT /sandbox exist: the levers.",
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
    bff_connections_per_customer: int = Field(
        20, ge=1, description="WebSockets and streams of one customer at once, per replica."
    )
    bff_connections_per_address: int = Field(
        100, ge=1, description="WebSockets of one address at once that have not said who they are."
    )
    bff_connections_at_most: int = Field(
        10_000, ge=1, description="WebSockets and streams at once, per replica: more are answered 503."
    )
    bff_frame_bytes: int = Field(65536, ge=1024, description="The longest message on a WebSocket, in bytes.")
    bff_frames_per_second: float = Field(
        100, gt=0, description="Frames read of one WebSocket; what is beyond waits on the client's side."
    )
    bff_ping_seconds: float = Field(
        20, gt=0, description="How often a WebSocket is pinged; silence for twice as long ends it."
    )
    bff_idle_seconds: float = Field(
        300, gt=0, description="A WebSocket without any operation for so long is closed."
    )
    bff_stalled_seconds: float = Field(
        60, gt=0, description="Whoever reads nothing of what waits for it for so long is dropped."
    )
    bff_close_spread_seconds: float = Field(
        2, ge=0, description="At the end, WebSockets and streams are closed within this time, not at once."
    )
    bff_get_queries: bool = Field(default=True, description="Whether queries may be asked by GET.")
    bff_body_bytes: int = Field(65536, ge=1, description="The most that a request may hold, in bytes.")
    bff_body_seconds: float = Field(10, gt=0, description="How long a request's body may take to come.")
    bff_heartbeat_seconds: float = Field(
        12, gt=0, description="How often a silent stream over HTTP says that it is alive."
    )
    bff_document_bytes: int = Field(16_384, ge=1, description="A document is at most so long.")
    bff_document_tokens: int = Field(400, ge=1, description="A document has at most so many tokens.")
    bff_document_depth: int = Field(
        16, ge=1, description="Fields within fields. The usual introspection query needs 15."
    )
    bff_document_fields: int = Field(1000, ge=1, description="Fields, fragments expanded.")
    bff_document_aliases: int = Field(30, ge=0, description="Aliases, fragments expanded.")
    bff_document_directives: int = Field(50, ge=0, description="Directives, fragments expanded.")
    bff_document_root_fields: int = Field(20, ge=1, description="Fields at the root of an operation.")
    bff_document_definitions: int = Field(40, ge=1, description="Operations and fragments in a document.")
    bff_document_comparisons: int = Field(
        5000, ge=1, description="Steps to find out whether the fields of a document can be merged."
    )
    bff_variable_values: int = Field(1000, ge=1, description="Values in the variables, however nested.")
    bff_cost_budget: int = Field(
        10_000, ge=1, description="What an operation may cost; a unit is about what one resolved field does."
    )
    bff_introspection: bool = Field(default=False, description="Whether the schema is told to whoever asks.")
    bff_suggestions: bool = Field(
        default=False, description="Whether errors propose names of the schema ('Did you mean …')."
    )
    bff_rates: bool = Field(default=True, description="Whether it matters how often somebody comes.")
    bff_rate_customer_a_minute: float = Field(
        300_000, gt=0, description="Units of cost that a customer may spend a minute, per replica."
    )
    bff_rate_customer_burst: float = Field(
        60_000, gt=0, description="Units of cost a customer may spend at once."
    )
    bff_rate_address_a_minute: float = Field(
        3_000_000, gt=0, description="Units of cost a minute of all customers who come from one address."
    )
    bff_rate_address_burst: float = Field(
        600_000, gt=0, description="Units of cost at once from one address."
    )
    bff_rate_anonymous_a_minute: float = Field(
        150_000, gt=0, description="Units of cost a minute of those from one address who are not signed in."
    )
    bff_rate_anonymous_burst: float = Field(30_000, gt=0, description="The same, at once.")
    bff_rate_placing_a_minute: float = Field(
        60, gt=0, description="Orders that a customer may place a minute."
    )
    bff_rate_placing_burst: float = Field(30, gt=0, description="Orders that a customer may place at once.")
    bff_rate_connections_a_minute: float = Field(
        600,
        gt=0,
        description="WebSockets a minute from one address; those that sign in are not counted.",
    )
    bff_rate_connections_burst: float = Field(300, gt=0, description="The same, at once.")
    bff_rate_sign_ins_a_minute: float = Field(
        30, gt=0, description="Tokens from one address that may be no good, a minute."
    )
    bff_rate_sign_ins_burst: float = Field(20, gt=0, description="The same, at once.")
    bff_trusted_documents: tuple[Path, ...] = Field(
        (),
        description="Manifests of trusted documents (Apollo's or GraphQL Code Generator's), as a JSON list.",
    )
    bff_trusted_documents_mode: Mode = Field(
        Mode.OFF, description="What becomes of other documents: `off` or `log` execute them, `only` does not."
    )
    bff_resync_seconds: float = Field(
        10, gt=0, description="How often live subscriptions are compared with MyPage."
    )
    bff_consistency_ms: int = Field(
        1000,
        ge=0,
        le=10_000,
        description="The longest wait for MyPage to show what a consistency token says.",
    )
    bff_consistency_waits: int = Field(
        1000, ge=1, description="Reads of a replica that wait so at once; one more is told that it is stale."
    )
    bff_consistency_waits_per_customer: int = Field(
        20, ge=1, description="The same, of one customer's reads."
    )

    @property
    def algorithms(self) -> frozenset[str]:
        """Those that may sign customers' tokens; which key each is for, `bff.keys` says."""
        if self.auth_algorithms:
            return frozenset(self.auth_algorithms)
        return (frozenset({"HS256"}) if self.auth_jwt_secret else frozenset()) | (
            PUBLISHED if self.auth_jwks_url else frozenset()
        )

    @field_validator("auth_jwt_secret")
    @classmethod
    def _somebody_signs(cls, secret: SecretStr | None, known: ValidationInfo) -> SecretStr | None:
        if secret is None and known.data.get("auth_jwks_url", "wrong") is None:
            raise ValueError("set this, or AUTH_JWKS_URL")
        if secret is not None and PUBLIC_KEY.search(secret.get_secret_value()):
            raise ValueError(
                "this is no secret but a key that others may know; published ones: AUTH_JWKS_URL"
            )
        return secret

    @field_validator("auth_algorithms")
    @classmethod
    def _each_key_has_one(cls, names: tuple[str, ...], known: ValidationInfo) -> tuple[str, ...]:
        if unknown := set(names) - SHARED - PUBLISHED:
            raise ValueError(f"{', '.join(sorted(unknown))} is none that may sign")
        for key, kind in (("auth_jwt_secret", SHARED), ("auth_jwks_url", PUBLISHED)):
            if names and known.data.get(key) and kind.isdisjoint(names):
                raise ValueError(f"none of them is for {key.upper()}")
        return names

    @field_validator("bff_dev_login")
    @classmethod
    def _can_sign(cls, wanted: bool, known: ValidationInfo) -> bool:  # noqa: FBT001 # Pydantic's own way
        if wanted and known.data.get("auth_jwt_secret", "wrong") is None:
            raise ValueError("needs AUTH_JWT_SECRET")
        if wanted and (names := known.data.get("auth_algorithms")) and "HS256" not in names:
            raise ValueError("needs HS256 among AUTH_ALGORITHMS")
        return wanted

    @field_validator("bff_allowed_origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for each in origins:
            if not ORIGIN.fullmatch(each):
                raise ValueError(f"{each!r} is no origin, such as https://shop.example")
        return origins

    @field_validator("bff_trusted_documents_mode")
    @classmethod
    def _has_something_to_trust(cls, mode: Mode, known: ValidationInfo) -> Mode:
        if mode is not Mode.OFF and not known.data.get("bff_trusted_documents", "wrong"):
            raise ValueError(f"`{mode}` needs manifests: BFF_TRUSTED_DOCUMENTS")
        return mode
