"""What was backed up as the README says comes back whole, though the broker and MyPage are lost."""

import asyncio
import re
import signal
from pathlib import Path

import aiohttp

from tests.stories.customer import Customer
from tests.stories.stack import Stack, running
from tests.waiting import until

README = Path(__file__).parent.parent.parent / "README.md"


async def say(script: str, cwd: Path) -> str:
    """Run what the README tells to run, with the commands of this checkout."""
    script = script.replace(".venv/bin/", f"{README.parent}/.venv/bin/")
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euc", script),
        cwd=cwd,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output = (await process.communicate())[0].decode()
    assert process.returncode == 0, output
    return output


async def signed_in(stack: Stack, session: aiohttp.ClientSession) -> Customer:
    async with session.post(f"{stack.http}/dev/token", json={"customerId": "7181"}) as response:
        token = (await response.json())["token"]
    return Customer(stack, session, "7181", token)


async def test_what_was_backed_up_comes_back_and_what_was_under_way_goes_on(tmp_path: Path) -> None:
    section = README.read_text(encoding="utf-8").split("### Backups")[1].split("\n### ")[0]
    back_up, restore, mend = re.findall(r"```sh\n(.*?)```", section, flags=re.DOTALL)
    async with aiohttp.ClientSession() as session:
        async with running(tmp_path / ".fruitstore") as stack:
            customer = await signed_in(stack, session)
            delivering, changed = [(await customer.place())["order"]["id"] for _ in range(2)]
            await customer.cancel(changed)
            await customer.sees(delivering, status="DELIVERING")
            await customer.sees(changed, status="CANCELED", delivery__status="CANCELED")
            stack.signal("delivery", signal.SIGSTOP)
            stack.signal("mypage", signal.SIGSTOP)
            lost = (await customer.place())["order"]["id"]
            await until(lambda: _approvals_told(stack, 3))
        await say(back_up, tmp_path)
        await say(restore, tmp_path)
        async with running(tmp_path / "restored", {"ORDER_REMIND_SECONDS": "1"}) as stack:
            assert "swapped in" in await say(mend.splitlines()[0], tmp_path)
            customer = await signed_in(stack, session)
            await customer.sees(lost, status="DELIVERING", within=20)
            await customer.sees(delivering, status="DELIVERING")
            await customer.sees(changed, status="CANCELED")
            assert "3 orders: 3 ok" in await say(mend.splitlines()[1], tmp_path)


async def _approvals_told(stack: Stack, count: int) -> bool:
    """Besides the one cancellation."""
    return (await stack.metrics("payment"))["outbox_told_total"] > count
