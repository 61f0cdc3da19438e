"""Looks at a page in its faces: a phone's width and a desk's, light and dark; keeps a picture of each."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from playwright.async_api import Page

from tests.browser import axe, layout

PICTURES = Path(__file__).parent.parent.parent / "build" / "screenshots"

WIDTHS = {"phone": (390, 844), "desk": (1280, 900)}

SETTLED = """async () => {
  await document.fonts.ready
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame)
  const ending = document.getAnimations().filter((each) => each.effect.getComputedTiming().endTime < Infinity)
  await Promise.allSettled(ending.map((each) => each.finished))
}"""
"""Resolves once all that moves to its place or its colour is there."""


class Face(NamedTuple):
    """How wide, and how bright."""

    width: Literal["phone", "desk"]
    scheme: Literal["light", "dark"]


SOME = {
    "ko": (Face("phone", "light"), Face("desk", "dark")),
    "en": (Face("phone", "dark"), Face("desk", "light")),
}
EVERY = SOME["ko"] + SOME["en"]
"""Between the two languages, each face once; all of them where EVERY_FACE is set."""


@dataclass
class Gallery:
    """All faults that were seen, a sentence each."""

    language: str
    faults: list[str] = field(default_factory=list)

    @property
    def faces(self) -> tuple[Face, ...]:
        """Those that are looked at."""
        return EVERY if os.environ.get("EVERY_FACE") else SOME[self.language]

    async def look(self, page: Page, name: str) -> None:
        """Take pictures of a state of the pages, and note what is wrong with it."""
        for face in self.faces:
            width, height = WIDTHS[face.width]
            await page.emulate_media(color_scheme=face.scheme)
            await page.set_viewport_size({"width": width, "height": height})
            await page.evaluate(SETTLED)
            title = f"{name}-{self.language}-{face.width}-{face.scheme}"
            self.faults += [f"{title}: {each}" for each in await layout.faults(page)]
            self.faults += [f"{title}: {each}" for each in await axe.faults(page)]
            await page.screenshot(path=PICTURES / f"{title}.png", full_page=True)

    def found_nothing(self) -> None:
        """Raises AssertionError where anything is wrong."""
        assert not self.faults, "\n".join(["", *dict.fromkeys(self.faults)])
