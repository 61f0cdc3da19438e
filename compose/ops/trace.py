"""Traces one order: its story as far as the services that answer tell it."""

import asyncio
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import typer

from compose.ops.addresses import Addresses
from compose.ops.audit import utc_now
from compose.ops.audit_screen import entries_as_json
from compose.ops.feeds import Feeds, NoAnswer, Said
from compose.ops.plain import visible
from compose.ops.sheet import console, sheet
from compose.ops.story import KINDS, Service, Story
from compose.ops.verdict import Finding, judge
from compose.trouble import Trouble

ANSWERS_WITHIN = 2.0
"""Seconds a service may take to say what it knows of one order."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A story, and which services did not answer, each with its sentence."""

    story: Story
    silent: dict[Service, str]


async def read(addresses: Addresses, order_id: str) -> Trace:
    """Read what the services say, effects before causes. Raises Trouble where none answers, or knows it."""
    found: dict[Service, Said | None] = {}
    silent: dict[Service, str] = {}
    async with Feeds(addresses, answers_within=ANSWERS_WITHIN, pauses=()) as feeds:
        for service in reversed(KINDS):
            try:
                found[service] = await feeds.entry(service, order_id)
            except NoAnswer as error:
                silent[service] = str(error)
    if len(silent) == len(KINDS):
        raise Trouble(
            f"None of the services answers, so nothing can be said of order {order_id}:"
            " see that they run, and ask again."
        )
    if not any(found.values()):
        but = " ".join(["", *silent.values()])
        who = "No service that answers" if silent else "No service"
        raise Trouble(f"{who} knows an order {order_id}: check the id.{but}")
    return Trace(Story.of(order_id, found), silent)


def show(addresses: Addresses, order_id: str, grace: timedelta, *, as_json: bool) -> None:
    """Print an order's story. Raises Trouble where no service knows it."""
    trace = asyncio.run(read(addresses, order_id))
    now = utc_now()
    findings: tuple[Finding, ...] = () if trace.silent else judge(trace.story, now, grace).findings
    if as_json:
        typer.echo(json.dumps(_described(trace, findings), ensure_ascii=False))
        return
    console().print(sheet(trace.story, findings, now, trace.silent))
    for says in trace.silent.values():
        typer.echo(f"fruitstore: {visible(says)}", err=True)


def _described(trace: Trace, findings: tuple[Finding, ...]) -> dict[str, Any]:
    coming = trace.story.coming()
    return {
        "order_id": trace.story.order_id,
        "facts": [fact.model_dump(mode="json") for fact in trace.story.facts()],
        "expected": coming and coming.model_dump(mode="json"),
        "findings": [{"rule": finding.rule, "says": finding.says} for finding in findings],
        "silent": list(trace.silent),
        "entries": entries_as_json(trace.story),
    }
