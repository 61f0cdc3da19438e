"""What is hidden in a log line, and what is not."""

import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from services.chassis import logs
from services.chassis.secrecy import hidden, hide
from services.chassis.settings import ProcessSettings

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3MTgxIn0.c2lnbmF0dXJlLW9mLXRoaXM"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TOKEN, "[hidden]"),
        (f"with {TOKEN}, and more", "with [hidden], and more"),
        (TOKEN.rpartition(".")[0], "[hidden]"),
        ("Bearer dG9rZW4tb2YtYS1zZXJ2ZXI=", "Bearer [hidden]"),
        ("authorization: bearer 0123456789abcdef", "authorization: bearer [hidden]"),
        ("{'Authorization': 'opaque'}", "{'Authorization': '[hidden]'}"),
        ('{"password":"hunter2"}', '{"password":"[hidden]"}'),
        ("cookie: a=b; fruitstore=opaque\r\nhost: x", "cookie: [hidden]\r\nhost: x"),
        ("(b'set-cookie', b'fruitstore=opaque; HttpOnly')", "(b'set-cookie', b'[hidden]')"),
        ("Cookie=fruitstore=opaque", "Cookie=[hidden]"),
        *((text, text) for text in ("a cookie: none", "no cookie, and no = either")),
        ("mongodb://root:hunter2@127.0.0.1/", "mongodb://root:[hidden]@127.0.0.1/"),
        *((text, text) for text in ("", "a bearer of news", "order eyJ", "http://127.0.0.1:8000/graphql")),
        *((text, text) for text in ("a token is not valid", "token=7 of 9", "orders/0b1f@2")),
    ],
)
def test_secrets_are_hidden_and_nothing_else(text: str, said: str) -> None:
    assert hidden(text) == said


def test_fields_are_hidden_by_their_names_however_deep() -> None:
    event = {
        "event": "refused",
        "token": "opaque",
        "access_token": "opaque",
        "tokens": 7,
        "headers": {"Authorization": "opaque", "accept": "*/*"},
        "many": [("x", TOKEN), {"secret": b"opaque"}],
        "error": ValueError(f"not {TOKEN}"),
        "path": "/graphql",
    }
    assert hide(None, "", dict(event)) == {
        "event": "refused",
        "token": "[hidden]",
        "access_token": "[hidden]",
        "tokens": 7,
        "headers": {"Authorization": "[hidden]", "accept": "*/*"},
        "many": [["x", "[hidden]"], {"secret": "[hidden]"}],
        "error": "ValueError('not [hidden]')",
        "path": "/graphql",
    }


@pytest.fixture
def logging_restored() -> Iterator[None]:
    root, frames = logging.getLogger(), logging.getLogger("uvicorn.error")
    handlers, levels, configured = root.handlers[:], (root.level, frames.level), structlog.get_config()
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    frames.setLevel(levels[1])
    structlog.configure(**configured)
    structlog.contextvars.clear_contextvars()


@pytest.mark.usefixtures("logging_restored")
@pytest.mark.parametrize("form", ["json", "console"])
def test_what_was_raised_is_logged_without_its_secrets(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    logs.configure(ProcessSettings.model_validate({"log_format": form}), "test")
    try:
        int(TOKEN)
    except ValueError:
        logging.getLogger("library").exception("it had %s", TOKEN)
        structlog.stdlib.get_logger("ours").exception("it had one", token=TOKEN)
    said = written.getvalue()
    assert said.count("invalid literal for int() with base 10: '[hidden]'") == 2, said
    assert not any(part in said for part in TOKEN.split("."))
