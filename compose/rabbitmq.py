"""RabbitMQ on this machine: the system's program, run as a node that shares nothing with the system's."""

import os
import re
import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from compose import leaders, probes
from compose.keeping import Keeping
from compose.program import Program
from compose.trouble import Trouble

NODE = "fruitstore@localhost"
"""The same in every stack, so that the data survive another port: each stack has an epmd of its own."""

BOOTED = "booted"
"""The file that says that the node in its directory has been ready once."""

SYSTEM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
"""Where Debian and Ubuntu keep the real script; theirs on PATH insists on being root or the rabbitmq user."""

ERLANG_FLAGS = "+B i +S 2:2 -kernel inet_dist_use_interface {127,0,0,1}"
"""No break handler, two schedulers, and nodes talk on the loopback alone."""

CONFIG = """\
listeners.tcp.local = 127.0.0.1:{port}
log.console = true
log.console.use_colors = off
log.file = false
raft.wal_max_size_bytes = 67108864
disk_free_limit.absolute = 64MB
"""

UNUSED = re.compile(
    r"rabbitmq_(?!prelaunch)|cowboy|cowlib|gun-|jose-|eetcd|prometheus|amqp_client|amqp10_client"
)
"""The plugins, and what only they need."""

PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"


def find() -> Path | None:
    """The rabbitmq-server script to run, if there is one."""
    if SYSTEM.exists():
        return SYSTEM
    found = shutil.which("rabbitmq-server")
    script = Path(found).resolve() if found else None
    return script if script and script.with_name("rabbitmq-env").exists() else None


def url(port: int) -> str:
    """Where clients find it."""
    return f"amqp://guest:guest@127.0.0.1:{port}/"


def epmd(directory: Path, port: int) -> Program:
    """Erlang's port mapper: ours, in the foreground, so that none is left in the background."""
    return Program(
        name="epmd",
        command=(_found("epmd"), "-port", str(port), "-address", "127.0.0.1"),
        environment={"PATH": PATH},
        directory=directory,
        port=port,
        url=f"epmd://127.0.0.1:{port}",
        ready=partial(probes.accepts, port),
        tier=3,
    )


def program(directory: Path, port: int, distribution: int, epmd_port: int) -> Program:
    """A RabbitMQ node on the loopback, with its data in this directory."""
    _lay_out(directory, port)
    script = _found("rabbitmq-server")
    environment = _environment(directory, port, distribution) | {"ERL_EPMD_PORT": str(epmd_port)}
    return Program(
        name="rabbitmq",
        command=(script,),
        environment=environment,
        directory=directory,
        port=port,
        url=url(port),
        ready=partial(probes.answers_amqp, port),
        after=("epmd",),
        tier=2,
        alive=Keeping(url(port)),
        mend=partial(_see_to_leaders, directory, Path(script), environment),
    )


async def _see_to_leaders(directory: Path, script: Path, environment: Mapping[str, str]) -> None:
    (directory / BOOTED).touch()
    if any(_quorum_queues(directory)):
        await leaders.elect(script, environment, NODE)


def settled(directory: Path) -> bool:
    """Whether the node has on disk which quorum queues it has.

    RabbitMQ 3.10 writes their names down up to a second after they are declared (each has a directory at
    once), and a queue whose name is lost to a kill -9 in that second never gets a leader again.
    """
    names = directory / "data" / NODE / "quorum" / NODE / "names.dets"
    if not names.exists():
        return True
    written = names.read_bytes()
    return all(queue.name.encode() in written for queue in _quorum_queues(directory))


def _quorum_queues(directory: Path) -> list[Path]:
    """Each quorum queue's directory."""
    queues = directory / "data" / NODE / "quorum" / NODE
    return [queue for queue in queues.iterdir() if queue.is_dir()] if queues.exists() else []


def _found(name: str) -> str:
    found = (
        find() if name == "rabbitmq-server" else shutil.which(name, path=f"{os.environ.get('PATH')}:{PATH}")
    )
    if found:
        return str(found)
    raise Trouble(
        f"{name} is not installed: install the package rabbitmq-server (as root on Debian or Ubuntu, "
        "`fruitstore install` does), or set RABBITMQ_URL to a broker that is running."
    )


def _environment(directory: Path, port: int, distribution: int) -> dict[str, str]:
    """Everything the node must know; nothing of the system's configuration, nor of the user's, is read.

    RUNNING_UNDER_SYSTEMD makes the start script become Erlang (exec) where it would else wait beside it: so
    the leash holds Erlang itself, and a SIGTERM reaches it, which it takes as a request to stop in order.
    """
    return {
        "PATH": PATH,
        "LANG": "C.UTF-8",
        "HOME": str(directory / "home"),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RUNNING_UNDER_SYSTEMD": "true",
        "RABBITMQ_NODENAME": NODE,
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_DIST_PORT": str(distribution),
        "RABBITMQ_MNESIA_BASE": str(directory / "data"),
        "RABBITMQ_LOG_BASE": str(directory / "log"),
        "RABBITMQ_CONFIG_FILE": str(directory / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(directory / "no-advanced.config"),
        "RABBITMQ_CONFIG_FILES": str(directory / "no-conf.d"),
        "RABBITMQ_CONF_ENV_FILE": str(directory / "no-rabbitmq-env.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(directory / "enabled_plugins"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG_FLAGS,
        **_lean_home(directory),
    }


def _lay_out(directory: Path, port: int) -> None:
    if not (directory / BOOTED).exists():  # a first start that was cut short leaves half a node behind
        shutil.rmtree(directory / "data", ignore_errors=True)
    for name in ("home", "data", "log"):
        (directory / name).mkdir(parents=True, exist_ok=True)
    (directory / "rabbitmq.conf").write_text(CONFIG.format(port=port))
    (directory / "enabled_plugins").write_text("[].\n")


def _lean_home(directory: Path) -> dict[str, str]:
    """A RabbitMQ home without the plugins nobody enabled, as links: it starts in half the time.

    At its start RabbitMQ looks into every module of its applications, and Erlang looks for each of them in
    the directory of every plugin. (RabbitMQ's scripts do not manage a path with blanks: the long way there.)
    """
    real = (find() or SYSTEM).resolve().parent.parent
    lean = directory / "lean"
    if not (real / "plugins").is_dir() or re.search(r"\s", str(lean)):
        return {}
    shutil.rmtree(lean, ignore_errors=True)
    (lean / "plugins").mkdir(parents=True)
    (lean / "sbin").symlink_to(real / "sbin")
    for plugin in (real / "plugins").iterdir():
        if not UNUSED.match(plugin.name):
            (lean / "plugins" / plugin.name).symlink_to(plugin)
    return {"RABBITMQ_SCRIPTS_DIR": str(lean / "sbin")}
