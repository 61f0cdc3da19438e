"""Dead letters as an operator's command deals with them: found, chosen, and watched while it lasts."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from yarl import URL

from compose.ops import addresses
from compose.trouble import Trouble
from schema import channels
from services.chassis import dead_letters
from services.chassis.dead_letters import BrokerAwayError, NobodyThereError, SomebodyElseError, Watch
from services.chassis.letter import Letter

Do = Callable[[Watch], Awaitable[list[Letter]]]


@dataclass(frozen=True)
class Post:
    """The dead letters of some hearers, on one broker."""

    url: str
    hearers: tuple[str, ...]

    @classmethod
    def found(cls, directory: Path, environment: Mapping[str, str], hearer: str | None) -> "Post":
        """Those of the system to operate; of one hearer, or of all. Raises Trouble."""
        if hearer is not None and hearer not in channels.HEARS:
            names = ", ".join(channels.HEARS)
            raise Trouble(f"Nobody called {hearer} hears facts: say one of {names} with --hearer.")
        named = addresses.told(environment).get("RABBITMQ_URL")
        url = (
            addresses.checked("RABBITMQ_URL", named)
            if named
            else addresses.found(directory, environment).rabbitmq
        )
        return cls(url, (hearer,) if hearer else tuple(channels.HEARS))

    def letters(self) -> list[Letter]:
        """All that wait, the oldest of each hearer first; they stay as they are. Raises Trouble."""
        return self._run("Looking", lambda watch: self._post.letters(watch=watch))

    def chosen(self, letter: str | None, *, everything: bool) -> list[Letter]:
        """The one with this id (and its exact duplicates), or all. Raises Trouble."""
        if (letter is None) is not everything:
            raise Trouble("Say which: the ID of one, as fruitstore dead-letters list shows it, or --all.")
        chosen = [each for each in self.letters() if everything or each.id == letter]
        if not chosen and not everything:
            raise Trouble(f"There is no dead letter {letter}: see fruitstore dead-letters list.")
        return chosen

    def redrive(self, chosen: Sequence[Letter]) -> list[Letter]:
        """Send these to their hearers again; those that were still there. Raises Trouble."""
        return self._run("Sending again", lambda watch: self._post.redrive(_these(chosen), watch))

    def discard(self, chosen: Sequence[Letter]) -> list[Letter]:
        """Throw these away; those that were still there. Raises Trouble."""
        return self._run("Throwing away", lambda watch: self._post.discard(_these(chosen), watch))

    @property
    def _post(self) -> dead_letters.Post:
        return dead_letters.Post(self.url, self.hearers)

    def _run(self, doing: str, do: Do) -> list[Letter]:
        for noisy in ("aio_pika", "aiormq"):  # what they meet is said by us
            logging.getLogger(noisy).setLevel(logging.CRITICAL)
        try:
            return asyncio.run(_watched(doing, do))
        except SomebodyElseError as error:
            raise Trouble("Somebody else is at the dead letters: try again in a moment.") from error
        except NobodyThereError as error:
            raise Trouble(
                f"There is no queue {error.queue} to send to: start {error.hearer}, and try again."
            ) from error
        except BrokerAwayError as error:
            raise Trouble(
                f"The broker at {URL(self.url).with_user(None)} does not answer ({error}):"
                " see that it runs, and try again; no letter is lost."
            ) from error


def _these(chosen: Sequence[Letter]) -> dead_letters.Which:
    ids = {(letter.hearer, letter.id) for letter in chosen}
    return lambda letter: (letter.hearer, letter.id) in ids


async def _watched(doing: str, do: Do) -> list[Letter]:
    """Do it under a bar for each hearer, where there is a terminal to show it on."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:

        def watch(hearer: str, count: int) -> Callable[[], None]:
            task = progress.add_task(f"{doing}: {hearer}", total=count)
            return lambda: progress.advance(task)

        return await do(watch)
