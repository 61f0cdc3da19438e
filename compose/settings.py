"""Every setting of every process, as a table."""

from collections.abc import Iterator

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from bff.settings import BffSettings
from services.chassis.settings import ProcessSettings
from services.delivery.settings import DeliverySettings
from services.mypage.settings import MypageSettings
from services.order.settings import OrderSettings
from services.payment.settings import PaymentSettings

OWN: dict[str, type[ProcessSettings]] = {
    "order": OrderSettings,
    "payment": PaymentSettings,
    "delivery": DeliverySettings,
    "mypage": MypageSettings,
    "bff": BffSettings,
}


def markdown() -> str:
    """The table, a row for each environment variable."""
    rows = ["| variable | read by | default | what it is |", "|---|---|---|---|"]
    rows += [_row(name, "all", field) for name, field in ProcessSettings.model_fields.items()]
    rows += [_row(name, reader, field) for name, reader, field in _own_fields()]
    return "\n".join(rows)


def _own_fields() -> Iterator[tuple[str, str, FieldInfo]]:
    readers: dict[str, list[str]] = {}
    fields: dict[str, FieldInfo] = {}
    for part, kind in OWN.items():
        for name, field in kind.model_fields.items():
            if name not in ProcessSettings.model_fields:
                readers.setdefault(name, []).append(part)
                fields[name] = field
    for name, field in fields.items():
        yield name, ", ".join(readers[name]), field


def _row(name: str, reader: str, field: FieldInfo) -> str:
    return f"| `{name.upper()}` | {reader} | {_default(field)} | {field.description} |"


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return "random"
    if field.is_required():
        return "required" if field.annotation is SecretStr else "none"
    if field.default is None:
        return "none"
    value = list(field.default) if isinstance(field.default, tuple) else field.default
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
