"""What somebody who breaks in, or looks at what is left lying about, does not find."""

import asyncio
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compose.containers.engine import docker
from tests.compose.containers.looking import inspected
from tests.compose.containers.stack import IMAGE, Stack

OURS = {"bff", "order", "payment", "delivery", "mypage", "edge"}
LARGER_THAN_ITS_BASE_BY_AT_MOST = 200 * 2**20
BASE = "python:3.13-slim"
TOOLS = ("gcc", "cc", "make", "git", "node", "npm")


@pytest.fixture
async def containers(stack: Stack) -> dict[str, list[str]]:
    """All that run, by service."""
    services = (await stack.compose("config", "--services")).split()
    return {service: running for service in services if (running := await stack.containers(service))}


@pytest.fixture
def secrets(stack: Stack) -> dict[str, bytes]:
    """What must not be found: passwords alone, too, where a secret is an address."""
    texts = {file.name: file.read_text().strip() for file in stack.secrets.iterdir()}
    found = {name: text.split("@")[0].rsplit(":", 1)[-1].rsplit(" ", 1)[-1] for name, text in texts.items()}
    assert all(len(secret) == 64 for secret in found.values()), "32 bytes each"
    return {name: secret.encode() for name, secret in found.items()}


async def test_no_process_is_root_s(containers: dict[str, list[str]]) -> None:
    assert len(containers) >= 8
    for each in (one for many in containers.values() for one in many):
        _, *users = (await docker("top", each, "-eo", "uid,pid")).splitlines()
        assert users
        assert "0" not in {line.split()[0] for line in users}, each


async def test_only_the_edge_publishes_ports_and_only_on_loopback(containers: dict[str, list[str]]) -> None:
    for service, many in containers.items():
        for each in many:
            ports = (await inspected(each))["HostConfig"]["PortBindings"] or {}
            assert bool(ports) == (service == "edge"), service
            bound = {binding["HostIp"] for bindings in ports.values() for binding in bindings}
            assert bound <= {"127.0.0.1"}


async def test_nothing_gets_more_rights_than_it_needs(containers: dict[str, list[str]]) -> None:
    for service, many in containers.items():
        host = (await inspected(many[0]))["HostConfig"]
        assert "no-new-privileges:true" in host["SecurityOpt"], service
        assert host["CapDrop"] == ["ALL"], service
        assert not host["Privileged"]
        assert host["Memory"], service
        assert host["PidsLimit"], service
        assert host["ReadonlyRootfs"] == (service in OURS), service
        if service in OURS - {"edge"}:
            assert not host["CapAdd"], service


async def test_no_secret_is_said_in_an_environment_a_command_or_a_log(
    stack: Stack, containers: dict[str, list[str]], secrets: dict[str, bytes]
) -> None:
    everything = [json.dumps(await inspected(each)) for many in containers.values() for each in many]
    everything += [await stack.logs(), await docker("history", "--no-trunc", IMAGE)]
    said = "".join(everything).encode()
    assert [name for name, secret in secrets.items() if secret in said] == []


async def test_no_secret_and_no_tool_is_in_the_image(secrets: dict[str, bytes], tmp_path: Path) -> None:
    await docker("save", "--output", str(tmp_path / "image.tar"), IMAGE)
    found = await asyncio.to_thread(lambda: list(_suspicious(tmp_path / "image.tar", secrets)))
    assert found == []
    look = f"! ls /opt/fruitstore/bin | grep -E '^pip' && ! which {' '.join(TOOLS)}"
    await docker("run", "--rm", IMAGE, "sh", "-c", look)


def _suspicious(image: Path, secrets: dict[str, bytes]) -> Iterator[str]:
    """Files of ours that hold a secret's text, or are named as one."""
    with tarfile.open(image) as layers:
        for layer in (each for each in layers if each.name.endswith("layer.tar")):
            file = layers.extractfile(layer)
            assert file is not None
            with tarfile.open(fileobj=file) as files:
                for each in files:
                    if not each.isfile() or not each.name.startswith(("app/", "opt/fruitstore/", "edge/")):
                        continue
                    opened = files.extractfile(each)
                    text = opened.read() if opened else b""
                    if Path(each.name).name in secrets or any(secret in text for secret in secrets.values()):
                        yield each.name


async def test_the_image_is_small() -> None:
    ours, base = [
        int(await docker("image", "inspect", "--format", "{{.Size}}", each)) for each in (IMAGE, BASE)
    ]
    print(f"{IMAGE}: {ours / 2**20:.0f} MiB, of which {(ours - base) / 2**20:.0f} MiB are ours")  # noqa: T201
    assert ours - base < LARGER_THAN_ITS_BASE_BY_AT_MOST
