"""What is kept outlives the containers; passwords can be changed."""

import secrets

import pytest

from tests.compose.containers.engine import EngineError
from tests.compose.containers.stack import Stack
from tests.waiting import until


async def test_down_and_up_again_everything_is_there_and_goes_on(stack: Stack) -> None:
    async with stack.customer("data-1") as customer:
        delivering = await customer.places()
        before = await customer.sees(delivering, status="DELIVERING", within=30)
        await stack.compose("stop", "delivery", "mypage")
        waiting = await customer.places()  # its facts wait in queues
    await stack.compose("down", "--timeout", "30")
    await stack.up()
    await until(stack.are_well, timeout=60, every=0.5)
    async with stack.customer("data-1") as customer:
        after = await customer.order(delivering)
        assert after is not None
        assert after["history"][:3] == before["history"], "it may have arrived meanwhile"
        await customer.sees(waiting, status="DELIVERING", within=30)


async def test_a_part_is_given_another_password(stack: Stack) -> None:
    file = stack.secrets / "order_mongo_url"
    former = file.read_text()
    file.chmod(0o644)
    file.write_text(former.replace(former.split(":")[2].split("@")[0], secrets.token_hex(32)))
    await stack.compose("run", "--rm", "--no-deps", "setup")
    await stack.compose("up", "--detach", "--no-deps", "--force-recreate", "--wait", "order")
    async with stack.customer("data-2") as customer:
        await customer.sees(await customer.places(), status="DELIVERING", within=30)
    with pytest.raises(EngineError, match="Authentication failed"):
        await stack.compose("exec", "--no-TTY", "order", "python", "-c", SIGNS_IN.format(former.strip()))


SIGNS_IN = "import pymongo; pymongo.MongoClient({!r}).admin.command('ping')"
