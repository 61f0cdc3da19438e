import re

import yaml

from bff.settings import BffSettings
from compose import example
from services.payment.settings import PaymentSettings

COMPOSE = (example.FILE.parent / "compose.yaml").read_text()


def test_the_example_names_every_setting_as_it_is_by_default() -> None:
    assert example.FILE.read_text() == example.text(), "fruitstore settings --example > compose/.env.example"


def test_it_names_all_that_the_compose_file_reads() -> None:
    read = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE)) - {"FRUITSTORE_ENV"}
    assert read == {name for name, _, _ in example.OF_COMPOSE}


def test_the_compose_file_has_the_same_defaults() -> None:
    said = dict(re.findall(r"\$\{([A-Z_]+):-([^}]*)\}", COMPOSE))
    ours = {name: default for name, default, _ in example.OF_COMPOSE}
    assert {name: default for name, default in said.items() if name in ours} == ours


def test_what_is_no_comment_in_it_is_nothing() -> None:
    lines = example.text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []


def test_secrets_are_not_among_it() -> None:
    secret = [name for name in example.text().split() if "SECRET=" in name or "_URL=mongodb" in name]
    assert secret == []


def test_what_all_parts_are_told_anyway_is_not_among_it() -> None:
    told = {name.lower() for name in yaml.safe_load(COMPOSE)["x-told"]}
    assert told == example.TOLD
    assert not re.findall(rf"^# ({'|'.join(told)})=", example.text(), re.IGNORECASE | re.MULTILINE)


def test_the_processes_find_themselves_in_it() -> None:
    text = example.text()
    for kind in (BffSettings, PaymentSettings):
        named = {name for name in kind.model_fields if name not in example.SECRET | example.TOLD}
        assert [name for name in named if f"# {name.upper()}=" not in text] == []
