"""Log lines, as a process writes them: each says by which operation it was caused."""

import asyncio
import json
import sys

import pytest

SAYS = """
import asyncio, faststream, logging, sys
from opentelemetry.trace import SpanKind
from services.chassis import correlation, logs
from services.chassis.carried import Carried
from services.chassis.settings import ProcessSettings
from services.chassis.telemetry import Telemetry

settings = ProcessSettings(log_format=sys.argv[1], otlp_endpoint="http://127.0.0.1:9", trace_sample_rate=1)
logs.configure(settings, "part")
logs.logger("ours").warning("before")
with Telemetry(settings, "part").begun("asked", SpanKind.SERVER, Carried(None, "the-cause-of-it-all")):
    logs.logger("ours").warning("ours", order="42")
    logging.getLogger(sys.argv[2]).warning("a library's")
logs.logger("ours").warning("at the very end")
"""


async def said(form: str, library: str = "a.library") -> list[str]:
    """The lines."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SAYS, form, library, stderr=asyncio.subprocess.PIPE
    )
    return (await process.communicate())[1].decode().splitlines()


async def test_in_json_each_line_of_an_operation_has_its_id_and_its_trace() -> None:
    lines = [json.loads(line) for line in await said("json")]
    ids = [line.get("correlation_id") for line in lines]
    assert ids == [None, *["the-cause-of-it-all"] * 3]
    assert ["trace_id" in line for line in lines] == [False, True, True, False]
    assert lines[1]["trace_id"] == lines[2]["trace_id"]
    assert (lines[1]["order"], lines[1]["part"]) == ("42", "part")


@pytest.mark.parametrize("what", ["correlation_id", "trace_id"])
async def test_on_a_console_too(what: str) -> None:
    assert [what in line for line in await said("console")][:3] == [False, True, True]


async def test_a_library_with_a_form_of_its_own_writes_in_ours() -> None:
    lines = await said("json", "faststream")
    assert [json.loads(line)["event"] for line in lines].count("a library's") == 1
