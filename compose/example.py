"""`compose/.env.example`: every setting of the containers, as its default, to be copied and changed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from compose import settings

FILE: Final = Path(__file__).parent / ".env.example"

OF_COMPOSE: Final = (
    ("FRUITSTORE_PROJECT", "fruitstore", "Names the containers, networks and volumes."),
    ("FRUITSTORE_IMAGE", "fruitstore:latest", "The image of all our processes."),
    ("FRUITSTORE_VERSION", "dev", "What an image that is built says of itself."),
    ("FRUITSTORE_PULL", "never", "`missing` where the image comes from a registry."),
    ("FRUITSTORE_SECRETS", "./.secrets", "The folder that compose/secrets.sh has filled."),
    ("FRUITSTORE_BIND", "127.0.0.1", "Where the edge listens; 0.0.0.0: everywhere."),
    ("FRUITSTORE_PORT", "8000", "The edge's port for HTTP."),
    ("FRUITSTORE_TLS_PORT", "8443", "The edge's port for HTTPS."),
    ("SITE", ":8080", "A host name (shop.example.com): the edge gets a certificate, and serves HTTPS."),
    ("EDGE_LOG_LEVEL", "WARN", "What the edge logs."),
    ("GRAFANA_PORT", "3000", "Where operators find Grafana, on loopback: see observability/watched.yaml."),
    ("MONGO_CACHE_GB", "0.25", "MongoDB's cache; its container may take 768 MiB."),
    ("BUILD_NETWORK", "default", "`host` where builds reach package registries only that way."),
    ("CA_BUNDLE", "", "Certificates, in base64, of a proxy that inspects what builds fetch."),
)
"""What `compose.yaml` itself reads."""

SECRET: Final = frozenset(
    {
        *("mongo_url", "rabbitmq_url", "service_secret", "service_secret_previous", "auth_jwt_secret"),
        *("host", "port"),
    }
)
"""Files among the secrets; and what is so in every container."""

TOLD: Final = frozenset(
    {
        *("log_format", "drain_seconds", "shutdown_seconds", "watchdog_seconds", "trusted_proxies"),
        *("order_url", "payment_url", "delivery_url", "mypage_url"),
    }
)
"""What `compose.yaml` tells all parts, whatever is said here."""

HEAD: Final = """\
# Settings of the containers: copy this to compose/.env and change what you want. What is commented out is as
# it is by default. Secrets are no settings but files: see compose/secrets.sh. To try everything out:
#
#   BFF_DEV_LOGIN=true
#   BFF_IDE=true
#   BFF_INTROSPECTION=true
#   PAYMENT_SANDBOX=true
#   DELIVERY_SANDBOX=true
"""


def text() -> str:
    """The file."""
    compose = (_entry(name, default, description) for name, default, description in OF_COMPOSE)
    return "\n".join(
        [HEAD, "# What compose.yaml reads.", *compose, "# What the processes read.", *_settings()]
    )


def _settings() -> Iterator[str]:
    for name, default, description in settings.entries():
        if name.lower() not in SECRET | TOLD:
            yield _entry(name, default, description)


def _entry(name: str, default: str, description: str) -> str:
    return f"# {description}\n# {name}={default}\n"
