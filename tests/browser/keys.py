"""Somebody who has a keyboard and no mouse."""

from playwright.async_api import Page

FOCUSED = """() => {
  const element = document.activeElement
  if (!element.matches('a, button, input, select, textarea')) return ''
  const named = element.labels?.length ? [...element.labels].map((each) => each.textContent).join(' ') : ''
  return [element.getAttribute('aria-label') ?? '', named, element.textContent].join(' ')
}"""

MOST = 80
"""Nothing is further away than so many steps."""


class Keys:
    """Presses keys, and knows of the page only what has the focus."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def to(self, name: str) -> None:
        """Go on with Tab until what is called so has the focus. Raises AssertionError."""
        passed = []
        for _ in range(MOST):
            focused: str = await self._page.evaluate(FOCUSED)
            if name in focused:
                return
            passed.append(focused[:40])
            await self.press("Tab")
        raise AssertionError(f"no {name!r} among {passed}")

    async def press(self, key: str) -> None:
        """Press a key."""
        await self._page.keyboard.press(key)

    async def types(self, text: str) -> None:
        """Type in place of what is there."""
        await self.press("Control+a")
        await self._page.keyboard.type(text)
