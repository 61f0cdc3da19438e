"""The audit, again and again while things break, and once more when all is said to be well."""

import logging
from datetime import timedelta

from compose.ops import audit
from compose.ops.addresses import Addresses
from compose.ops.verdict import State, Verdict
from compose.trouble import Trouble
from tests.drills.scene import Scene
from tests.drills.system import System
from tests.trust import SERVICE_SECRET

log = logging.getLogger(__name__)

LONGEST_WAIT = timedelta(seconds=60)
"""What is unsettled for so long is stuck, whatever broke meanwhile."""


class Auditor:
    """Collects violations, from whenever; each is said once."""

    def __init__(self, system: System) -> None:
        self.audits = 0
        self.violations: dict[str, None] = {}
        self.stuck: list[str] = []
        url = system.ports.url
        services = (url("order"), url("payment"), url("delivery"), url("mypage"))
        self._addresses = Addresses(*services, system.rabbitmq_url, SERVICE_SECRET)

    async def go_on(self, scene: Scene) -> None:
        """Audit until the scene is closed; what does not answer just now is asked later."""
        while scene.open:
            try:
                await self._once(LONGEST_WAIT)
                self.audits += 1
            except Trouble as no_answer:
                log.debug("not audited now: %s", no_answer)
            await scene.pause(1, 3)

    async def conclude(self) -> None:
        """Audit a system that has come to rest: nothing may be waited for any more. Raises Trouble."""
        await self._once(timedelta())

    async def _once(self, grace: timedelta) -> None:
        report = await audit.run(self._addresses, grace=grace)
        broken = [verdict for verdict in report.found if verdict.state is State.BROKEN]
        self.violations |= dict.fromkeys(sentence for verdict in broken for sentence in _sentences(verdict))
        stuck = [verdict for verdict in report.found if verdict.state is State.STUCK]
        self.stuck = [sentence for verdict in stuck for sentence in _sentences(verdict)]


def _sentences(verdict: Verdict) -> list[str]:
    return [f"audit: {verdict.story.order_id} {each.rule}: {each.says}" for each in verdict.findings]
