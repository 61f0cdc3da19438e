"""Has mypage make its pages anew, and shows how far it is."""

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from compose.ops.addresses import Addresses
from compose.ops.plain import visible
from compose.trouble import Trouble
from schema.rebuild import Rebuild, StartRebuild

LOOK_EVERY_SECONDS = 0.5
ANSWER_SECONDS = 10.0
PATIENCE_SECONDS = 30.0
"""Mypage may be away for so long."""

AWAY = (OSError, http.client.HTTPException, ValueError)
"""No connection, or nothing on it that makes sense."""

AGAIN = "fruitstore rebuild-mypage --look"


def start(addresses: Addresses, *, despite_differences: bool) -> None:
    """Start a rebuild. Raises Trouble where one is under way, or nobody answers."""
    command = StartRebuild(despite_differences=despite_differences)
    try:
        _asked(addresses, command.model_dump())
    except urllib.error.HTTPError as error:
        if error.code == HTTPStatus.CONFLICT:
            raise Trouble(
                f"A rebuild is under way already: watch it with {AGAIN}."
                " One whose mypage was killed can be replaced after ten seconds."
            ) from error
        if error.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Trouble(_unclear(f"answered {error.code}")) from error
        raise Trouble(f"mypage refused ({error.code}): look into its log.") from error
    except urllib.error.URLError as error:
        raise Trouble(
            f"mypage does not answer at {addresses.mypage} ({error}): start it, then try again."
        ) from error
    except AWAY as error:  # it was asked, and the answer is lost
        raise Trouble(_unclear(f"gave no answer ({type(error).__name__})")) from error


def _unclear(what: str) -> str:
    return f"mypage {what}, and may have begun: look with {AGAIN} before you start another."


def watch(addresses: Addresses, console: Console) -> None:
    """Show how far the rebuild is until it has ended. Raises Trouble where it did not swap."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    last = Rebuild()
    try:
        bars = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        with bars as progress:
            bar = progress.add_task("preparing", total=None)
            for last in _looks(addresses):
                progress.update(bar, description=last.state, completed=last.done, total=last.total or None)
    except KeyboardInterrupt:
        console.print(f"The rebuild goes on in mypage: watch it with {AGAIN}.")
        raise
    _tell(last, console)


def _tell(last: Rebuild, console: Console) -> None:
    """Say how it ended. Raises Trouble where it did not swap."""
    if last.differences:
        _show_differences(last, console)
    if not last.alive:
        raise Trouble(f"The rebuild ended while {last.state}, with the mypage that did it: start it again.")
    match last.state:
        case "swapped":
            console.print(f"{last.pages} pages were made anew and swapped in.")
        case "differs":
            raise Trouble(
                "The live pages are not what the feeds say, and were left alone: find out why, or swap the"
                " new ones in with --despite-differences."
            )
        case "none":
            raise Trouble("There was no rebuild yet: start one with fruitstore rebuild-mypage.")
        case _:
            raise Trouble(f"The rebuild failed. {visible(str(last.error))}")


def _show_differences(last: Rebuild, console: Console) -> None:
    """A line each, however long: an id must not be broken."""
    console.print(f"Live pages that differ{' (there are more)' if last.more else ''}:")
    for each in last.differences:
        orders = f"{each.orders} order{'' if each.orders == 1 else 's'}"
        said = f"  {each.kind}: {orders}, for example {', '.join(each.examples)}"
        console.print(Text(visible(said)))


def _looks(addresses: Addresses) -> Iterator[Rebuild]:
    """Every look at it up to its end. Raises Trouble where mypage stays away."""
    gives_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            seen = Rebuild.model_validate_json(_asked(addresses))
        except AWAY as error:
            if time.monotonic() > gives_up:
                raise Trouble(
                    f"mypage does not answer any more at {addresses.mypage} ({error}): see {AGAIN}."
                ) from error
        else:
            gives_up = time.monotonic() + PATIENCE_SECONDS
            yield seen
            if seen.ended:
                return
        time.sleep(LOOK_EVERY_SECONDS)


def _asked(addresses: Addresses, command: dict[str, bool] | None = None) -> bytes:
    body = None if command is None else json.dumps(command).encode()
    headers = {"authorization": addresses.shows("mypage")()}
    request = urllib.request.Request(f"{addresses.mypage}/rebuild", body, headers)  # noqa: S310 # the user's
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as response:  # noqa: S310 # as above
            answer: bytes = response.read()
            return answer
    except urllib.error.HTTPError as error:
        if error.code == HTTPStatus.UNAUTHORIZED:
            raise Trouble("mypage has another SERVICE_SECRET: set the one that it has.") from error
        raise
