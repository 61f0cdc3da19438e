"""What ends a siege before its time ends it also in the midst of an answer."""

import asyncio
import signal
import socket
from collections.abc import Iterator

import pytest

from compose.siege import interruption


@pytest.fixture
def _ctrl_c_as_in_a_terminal() -> Iterator[None]:
    """A shell may have switched it off for the tests."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class _Interrupted(asyncio.Protocol):
    """The signal comes while it takes in what has come: it, or its transport, may swallow an exception."""

    def __init__(self, number: signal.Signals) -> None:
        self._number = number

    def data_received(self, _data: bytes) -> None:
        signal.raise_signal(self._number)


async def _answered_for_a_while(number: signal.Signals, undone: list[str]) -> None:
    here, there = socket.socketpair()
    with here, there:
        try:
            await asyncio.get_running_loop().create_connection(lambda: _Interrupted(number), sock=here)
            there.send(b"an answer")
            await asyncio.sleep(10)
        finally:
            undone.append("put back")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
@pytest.mark.usefixtures("_ctrl_c_as_in_a_terminal")
def test_a_signal_in_the_midst_of_an_answer_ends_it(number: signal.Signals) -> None:
    undone: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        interruption.run(_answered_for_a_while(number, undone))
    assert undone == ["put back"]


def test_afterwards_signals_are_handled_as_before() -> None:
    before = signal.getsignal(signal.SIGTERM)
    assert interruption.run(asyncio.sleep(0, "done")) == "done"
    assert signal.getsignal(signal.SIGTERM) is before


async def test_where_signals_are_not_its_own_it_runs_all_the_same() -> None:
    assert await asyncio.to_thread(interruption.run, asyncio.sleep(0, "done")) == "done"
