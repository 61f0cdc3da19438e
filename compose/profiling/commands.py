"""`fruitstore profile`: what a part that runs spends its time on."""

from pathlib import Path
from typing import Annotated

import typer

from compose.ops.commands import STACK, a_number
from compose.trouble import trouble_in_a_sentence


def profile(
    part: Annotated[str, typer.Argument(metavar="PART", help="bff, order, payment, delivery or mypage.")],
    seconds: Annotated[float, typer.Option(help="For how long.", min=1, max=600, callback=a_number)] = 10,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Where the flame graph goes: .svg, .html, or .txt (stacks with their counts, a line each).",
            show_default="PART.svg",
        ),
    ] = None,
    directory: Annotated[Path, typer.Option(help="The folder of the running stack.")] = STACK,
) -> None:
    """Look at a running part a hundred times a second, and draw what it was doing as a flame graph.

    Only what runs Python counts: a part that waits does nothing. Let it have something to do meanwhile, by
    `fruitstore siege` in another terminal. The part goes on as it is, a little slower. It takes py-spy
    (make test and make bench install it) and the right to look into processes: root, or your own processes
    where kernel.yama.ptrace_scope is 0.
    """
    with trouble_in_a_sentence():
        from compose.profiling import flame, recording, table
        from compose.profiling.stacks import Stacks

        file = output or Path(f"{part}.svg")
        draw = flame.form_of(file)
        pid = recording.pid_of(part, directory)
        stacks = Stacks.read(recording.recorded(recording.Wish(part, pid, seconds)))
        title = f"{part} (process {pid}), {stacks.samples} samples in {seconds:g} s"
        flame.write(file, draw(stacks, title))
        table.show(stacks, title, file)
