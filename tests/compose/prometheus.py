"""A Prometheus of the system's package, which asks the parts of a stack, and knows our rules."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NoReturn

import aiohttp
import pytest
import yaml

from compose import promtool
from tests.ports import free_base
from tests.waiting import until

FOLDER = Path(__file__).parents[2] / "compose" / "observability"
RULES = sorted((FOLDER / "rules").glob("*.yml"))


def tool() -> str:
    """The promtool to test rules with; leaves the test out where there is none."""
    return promtool.find() or _left_out()


def _left_out() -> NoReturn:
    why = "There is no promtool here: `fruitstore install --for-tests` gets it from the system's packages."
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


class Prometheus:
    """One that runs."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def ask(self, query: str) -> list[dict[str, Any]]:
        """What PromQL brings now: each series with its labels."""
        async with self._session.get(f"{self._url}/api/v1/query", params={"query": query}) as response:
            answer = await response.json()
        assert answer["status"] == "success", f"{query}: {answer}"
        found: list[dict[str, Any]] = answer["data"]["result"]
        return found

    async def firing(self) -> set[tuple[str, str]]:
        """The alerts that fire, each with the job it is about."""
        alerts = await self.ask('ALERTS{alertstate="firing"}')
        return {(each["metric"]["alertname"], each["metric"].get("job", "")) for each in alerts}

    async def is_there(self) -> bool:
        """Whether it answers."""
        try:
            async with self._session.get(f"{self._url}/-/ready") as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False


@asynccontextmanager
async def watching(folder: Path, targets: Mapping[str, str]) -> AsyncIterator[Prometheus]:
    """Let it ask these jobs (host and port of each), in haste, while the body runs."""
    server = shutil.which("prometheus") or _left_out()
    config = _hasty(folder, targets)
    port = free_base()
    with (folder / "prometheus.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(server, f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}"),
            f"--web.listen-address=127.0.0.1:{port}",
            stdout=log,
            stderr=log,
        )
    try:
        async with aiohttp.ClientSession() as session:
            prometheus = Prometheus(session, f"http://127.0.0.1:{port}")
            await until(prometheus.is_there, timeout=30)
            yield prometheus
    finally:
        process.terminate()
        await process.wait()


def _hasty(folder: Path, targets: Mapping[str, str]) -> Path:
    """Our own configuration and rules, save addresses and times: nobody waits for minutes here."""
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["alerting"] = {}
    config["rule_files"] = []
    for rules in RULES:
        copy = folder / rules.name
        copy.write_text(re.sub(r"\bfor: \d+\w", "for: 3s", rules.read_text()))
        config["rule_files"].append(str(copy))
    kept = [job["job_name"] for job in config["scrape_configs"] if job["job_name"] in targets]
    assert set(kept) == set(targets)
    config["scrape_configs"] = [
        {"job_name": job, "static_configs": [{"targets": [targets[job]]}]} for job in kept
    ]
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump(config))
    return path
