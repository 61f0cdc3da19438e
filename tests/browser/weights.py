"""What a page weighs: all that its first load brings, as it comes over the wire."""

from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Page


@dataclass
class Weight:
    """Bytes by address, as they were transferred, and what kind of thing each is."""

    bytes: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    _urls: dict[str, str] = field(default_factory=dict)

    async def watch(self, page: Page) -> None:
        """Weigh what this page loads from now on."""
        session = await page.context.new_cdp_session(page)
        session.on("Network.responseReceived", self._named)
        session.on("Network.loadingFinished", self._weighed)
        await session.send("Network.enable")

    def scripts(self) -> dict[str, int]:
        """Of scripts alone."""
        return {url: size for url, size in self.bytes.items() if self.kinds[url] == "Script"}

    def _named(self, event: dict[str, Any]) -> None:
        url = event["response"]["url"]
        self._urls[event["requestId"]] = url
        self.kinds[url] = event["type"]

    def _weighed(self, event: dict[str, Any]) -> None:
        if url := self._urls.get(event["requestId"]):
            self.bytes[url] = self.bytes.get(url, 0) + int(event["encodedDataLength"])
