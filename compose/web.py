"""The pages, built with Node.js where it is there: once for what they are made of, and swapped in at once."""

import asyncio
import contextlib
import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from compose import node
from compose.child import leashed
from compose.swapping import swap
from compose.trouble import Trouble

ROOT = Path(__file__).parent.parent
OLDEST = (20, 19)
"""The version of Node.js that Vite runs on at least."""

STAMP, LOCK, LOG = ".fingerprint", "package-lock.json", "build.log"
MADE = frozenset({"node_modules", "dist", "dist.new", "dist.old", "gql", "pictures", "__pycache__", LOG})
"""What is made, and not what it is made of."""

CI = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--include=dev")
BUILD = ("npm", "run", "build", "--")
LONGEST_SECONDS = 900.0

Say = Callable[[str], None]


@dataclass(frozen=True)
class Sources:
    """What the pages are made of: their own folder, and the language that they speak."""

    web: Path = ROOT / "bff" / "web"
    schema: Path = ROOT / "schema"

    @property
    def dist(self) -> Path:
        """Where the pages are once they are built."""
        return self.web / "dist"

    def are_built(self) -> bool:
        """Whether the pages are built of just this."""
        stamp = self.dist / STAMP
        return stamp.exists() and stamp.read_text() == self.fingerprint()

    def fingerprint(self) -> str:
        """Changes with anything that the pages are made of."""
        seen = hashlib.sha256()
        for path in sorted(self._files()):
            seen.update(f"{os.path.relpath(path, self.web)}\n".encode())
            seen.update(hashlib.sha256(path.read_bytes()).digest())
        return seen.hexdigest()

    def _files(self) -> Iterator[Path]:
        yield self.schema / "exported" / "schema.graphql"
        yield from (self.schema / "operations").glob("*.graphql")
        for folder, folders, files in os.walk(self.web):
            folders[:] = [name for name in folders if name not in MADE]
            ours = (name for name in files if name not in MADE and not name.endswith(".py"))
            yield from (Path(folder, name) for name in ours)


async def build(say: Say, sources: Sources | None = None) -> None:
    """Build the pages unless they are; whoever else is at it is waited for.

    Raises Trouble where there is no Node.js, and where it fails. Then the pages are as they were.
    """
    sources = sources or Sources()
    if sources.are_built():
        return
    if not node.runs(OLDEST) or not node.installs():
        raise Trouble(
            f"The pages are built with Node.js {'.'.join(map(str, OLDEST))} or newer and its npm, which "
            "are not here: install them and run `fruitstore web build`; everything else works without."
        )
    try:
        async with _alone(sources.web / LOCK, say):
            if not sources.are_built():
                await _build(sources, say)
    except OSError as error:
        raise _failed(f"{error.strerror}: {error.filename}") from error


def build_if_possible(say: Say) -> None:
    """The same, where it may be left: `say` hears why it was."""
    try:
        asyncio.run(build(say))
    except Trouble as trouble:
        say(str(trouble))


async def _build(sources: Sources, say: Say) -> None:
    began, fingerprint, fresh = time.monotonic(), sources.fingerprint(), sources.web / "dist.new"
    say("Building the pages (once for each change of them)…")
    (sources.web / LOG).unlink(missing_ok=True)
    shutil.rmtree(fresh, ignore_errors=True)
    await _install(sources.web)
    await _run((*BUILD, "--outDir", fresh.name, "--emptyOutDir"), sources.web)
    (fresh / STAMP).write_text(fingerprint)
    swap(fresh, sources.dist)
    say(f"The pages are built ({time.monotonic() - began:.1f} s).")


async def _install(web: Path) -> None:
    """Have npm install what the lock names, once for each content of the lock."""
    stamp, lock = web / "node_modules" / ".installed", hashlib.sha256((web / LOCK).read_bytes()).hexdigest()
    if not (stamp.exists() and stamp.read_text() == lock):
        await _run(CI, web)
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(lock)


async def _run(command: tuple[str, ...], web: Path) -> None:
    """Run npm in a process group of its own, which ends with us. Raises Trouble."""
    with (web / LOG).open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *leashed(*command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=web,
            env=_environment(),
            process_group=0,
        )
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                status = await process.wait()
        except TimeoutError:
            status = -1
        finally:
            await _end(process)
    if status:
        raise _failed(f"`{' '.join(command[:3])}` ended with {status}, {web / LOG} says why")


def _failed(why: str) -> Trouble:
    return Trouble(
        f"The pages could not be built ({why}): mend that and run `fruitstore web build`; everything else "
        "works without."
    )


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, 9)
    await process.wait()


def _environment() -> dict[str, str]:
    """Ours, but for what would have npm leave out what builds; it gives up soon where there is no network."""
    ours = {name: value for name, value in os.environ.items() if name != "NODE_ENV"}
    return ours | {
        "NO_COLOR": "1",
        "npm_config_fetch_retry_mintimeout": "1000",
        "npm_config_update_notifier": "false",
    }


@contextlib.asynccontextmanager
async def _alone(lock: Path, say: Say) -> AsyncIterator[None]:
    """Wait until nobody else builds here."""
    waited = False
    with lock.open() as held:
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not waited:
                    say("Waiting for another build of the pages…")
                waited = True
                await asyncio.sleep(0.1)
        yield
