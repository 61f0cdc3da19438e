"""A look at single containers: processes, addresses, numbers, and the audit that is run in one."""

import json
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from tests.compose.containers.engine import EngineError, docker
from tests.compose.containers.stack import Stack


async def inspected(container: str) -> dict[str, Any]:
    """All that the engine knows of it."""
    (known,) = json.loads(await docker("inspect", container))
    return dict(known)


async def process(container: str) -> int:
    """The id of its first process, as the machine knows it; 0 where it does not run."""
    return int((await inspected(container))["State"]["Pid"])


async def addresses(stack: Stack, service: str, network: str = "front") -> list[str]:
    """Where each of a service's containers is found past the edge, from the machine itself."""
    known = [await inspected(container) for container in await stack.containers(service)]
    networks = [each["NetworkSettings"]["Networks"][f"{stack.project}_{network}"] for each in known]
    return [f"http://{each['IPAddress']}:8000" for each in networks]


async def metric(address: str, name: str) -> float:
    """The sum of a number's samples at one process. Raises LookupError where it has none."""
    async with aiohttp.request("GET", f"{address}/metrics") as response:
        families = text_string_to_metric_families(await response.text())
    found = [sample.value for family in families for sample in family.samples if sample.name == name]
    if not found:
        raise LookupError(name)
    return sum(found)


async def audited(stack: Stack) -> str:
    """What an operator's audit complains of: nothing may be waited for any more. Empty where all is well."""
    try:
        await stack.compose("exec", "--no-TTY", "order", "fruitstore", "audit", "--grace", "0")
    except EngineError as error:
        return str(error)
    return ""
