"""Virtual hosts: each is a RabbitMQ of its own, without the price of a start."""

import asyncio
import itertools
from collections.abc import Iterator

from compose import rabbitmq
from compose.servers import Servers

AT_ONCE = 16
"""How many are made at once: to call `rabbitmqctl` costs half a second, a virtual host next to nothing."""

MAKE = """
[begin
  Name = list_to_binary("test" ++ integer_to_list(Number)),
  rabbit_vhost:add(Name, <<"guest">>),
  rabbit_auth_backend_internal:set_permissions(<<"guest">>, Name, <<".*">>, <<".*">>, <<".*">>, <<"guest">>)
end || Number <- lists:seq({first}, {last})], ok.
"""


class Vhosts:
    """Hands out virtual hosts that nobody has used."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self._numbers = itertools.count(1)
        self._ready: Iterator[int] = iter(())

    async def fresh(self) -> str:
        """The URL of a new one."""
        number = next(self._ready, None)
        if number is None:
            await self._make()
            number = next(self._ready)
        return f"{self._servers.rabbitmq_url}test{number}"

    async def _make(self) -> None:
        numbers = [next(self._numbers) for _ in range(AT_ONCE)]
        await rabbitmqctl(self._servers, "eval", MAKE.format(first=numbers[0], last=numbers[-1]))
        self._ready = iter(numbers)


async def rabbitmqctl(servers: Servers, *arguments: str) -> str:
    """Run rabbitmqctl on the servers' node; what it says."""
    environment = dict(servers.supervisor.keepers["rabbitmq"].program.environment)
    environment.pop("RABBITMQ_SCRIPTS_DIR", None)  # the lean home has no tools
    script = (rabbitmq.find() or rabbitmq.SYSTEM).with_name("rabbitmqctl")
    process = await asyncio.create_subprocess_exec(
        *(str(script), "-n", rabbitmq.NODE, *arguments),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()
