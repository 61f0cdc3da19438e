"""What is done to the ways between the parts: cut, reset, slowed, silent, half open."""

from tests.drills.scene import Scene
from tests.proxy import Link


async def ways_broken(scene: Scene) -> None:
    """Break one to three ways at once, each in its own manner, for a few seconds."""
    kinds = {
        "cut": _cut,
        "reset": _reset,
        "forget": _forget,
        "blackhole": _freeze,
        "deaf": _deaf,
        "slow": _slow,
    }
    while scene.open:
        await scene.pause(0.2, 1)
        ways = scene.chance.sample(sorted(scene.system.links), scene.chance.randint(1, 3))
        links = [scene.system.links[way] for way in ways]
        try:
            for link in links:
                kind = scene.chance.choice(list(kinds))
                scene.note(kind)
                await kinds[kind](link, scene)
            await scene.pause(0.5, 3)
        finally:
            for link in links:
                await _mended(link, scene)


async def _cut(link: Link, _: Scene) -> None:
    await link.cut()


async def _reset(link: Link, _: Scene) -> None:
    await link.reset()


async def _forget(link: Link, _: Scene) -> None:
    link.forget()


async def _freeze(link: Link, _: Scene) -> None:
    link.freeze()


async def _deaf(link: Link, _: Scene) -> None:
    """What is asked arrives; what is answered does not."""
    link.back.close()


async def _slow(link: Link, scene: Scene) -> None:
    link.delay = scene.chance.uniform(0.02, 0.4)


async def _mended(link: Link, scene: Scene) -> None:
    """Let it be as before; what was held back arrives late, or, as often, never."""
    if scene.chance.random() < 0.5:
        await link.reset()
    await link.mend()
