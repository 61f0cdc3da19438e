"""Sees all that a browser context does: whom it asks, what it complains of, what its policy forbids."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Page, WebError

REPORT = """
document.addEventListener('securitypolicyviolation', (event) => {
  const { violatedDirective, blockedURI, sourceFile, lineNumber } = event
  window.tellOfViolation(`${violatedDirective}: ${blockedURI} at ${sourceFile}:${lineNumber}`)
})
"""

INSIDE = {"data", "blob", "about"}
"""Addresses of nothing outside."""

NETWORK = re.compile("Failed to load resource|WebSocket connection to .* failed|net::ERR_")
"""What Chromium itself says of an answer that is not 200, or of none: tests that break things mean it."""


@dataclass
class Witness:
    """What was seen. `origins` are those that the context may ask."""

    origins: set[str]
    requests: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def watch(self, context: BrowserContext) -> None:
        """See all that this context does from now on."""
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("console", self._heard)
        context.on("weberror", self._failed)
        context.on("page", self._opened)
        await context.expose_binding("tellOfViolation", lambda _, said: self.violations.append(said))
        await context.add_init_script(REPORT)

    @property
    def strangers(self) -> list[str]:
        """Requests to anybody else."""
        return [url for url in self.requests if not self._is_ours(url)]

    def found_nothing(self) -> None:
        """Raises AssertionError where there was anything that must not be."""
        assert self.strangers == [], "requests have left the origin"
        assert self.violations == [], "the content security policy was violated"
        assert self.errors == [], "a page threw what nobody caught"
        assert self.complaints == [], "a page complained on its console"

    def _opened(self, page: Page) -> None:
        page.on("websocket", lambda socket: self.requests.append(socket.url))

    def _heard(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.violations.append(message.text)
        elif message.type == "error" and not NETWORK.search(message.text):
            self.complaints.append(message.text)

    def _failed(self, error: WebError) -> None:
        self.errors.append(str(error.error))

    def _is_ours(self, url: str) -> bool:
        parts = urlsplit(url)
        scheme = parts.scheme.replace("ws", "http")
        return parts.scheme in INSIDE or f"{scheme}://{parts.netloc}" in self.origins
