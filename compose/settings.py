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
    return "\n".join([*rows, *_own_rows()])


def entries() -> Iterator[tuple[str, str, str]]:
    """Each environment variable once: its name, its default (empty: none), and what it is."""
    fields: dict[str, FieldInfo] = {}
    for kind in OWN.values():
        fields |= kind.model_fields
    for name, field in fields.items():
        default = _default(field).strip("`")
        is_none = default in {"none", "required", "random"}
        yield name.upper(), "" if is_none else default, field.description or ""


def _own_rows() -> Iterator[str]:
    """Who reads the same variable for another reason, or with another default, has a row for that."""
    readers: dict[str, dict[str, list[str]]] = {}
    for part, kind in OWN.items():
        for name, field in kind.model_fields.items():
            if name not in ProcessSettings.model_fields:
                row = _row(name, "{}", field)
                readers.setdefault(name, {}).setdefault(row, []).append(part)
    for rows in readers.values():
        for row, parts in rows.items():
            yield row.replace("{}", ", ".join(parts), 1)


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
