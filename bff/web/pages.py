"""The pages and what they are made of: the storefront, the operations page, GraphiQL."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bff.graph.texts import Text, preferred
from bff.settings import BffSettings
from bff.web import files, headers
from bff.web.files import ASKED_AGAIN, FOR_A_YEAR, File

BUILT: Final = Path(__file__).parent / "dist"
ASSETS: Final = "assets/"
STOREFRONT: Final = ("/", "/orders", "/orders/{order_id}")
"""One page, which tells by its address what to show."""

Endpoint = Callable[[Request], Awaitable[Response]]

NOT_BUILT: Final[Text] = {
    "KO": "이 페이지를 보려면 Node.js 20.19 이상을 설치하고 `.venv/bin/fruitstore web build`를 실행한 뒤 "
    "게이트웨이를 다시 시작해 주세요(그 밖의 기능은 지금도 모두 동작합니다).\n",
    "EN": "To get this page, install Node.js 20.19 or newer, run `.venv/bin/fruitstore web build` and start "
    "the gateway again (everything else works without it).\n",
}
IDE_IS_OFF: Final[Text] = {
    "KO": "GraphiQL은 이 서버에서 꺼져 있습니다(BFF_IDE).\n",
    "EN": "GraphiQL is switched off here (BFF_IDE).\n",
}
NOT_THERE: Final[Text] = {"KO": "그런 파일은 없습니다.\n", "EN": "There is no such file.\n"}

POLICIES: Final = {files.KINDS[".js"]: headers.SCRIPT, files.KINDS[".svg"]: headers.PICTURE}


def routes(settings: BffSettings) -> list[Route]:
    """All of them. The files are read now; a later build is seen by who starts later."""
    found = files.read(settings.bff_pages or BUILT)
    ide = _page(found.get("graphiql.html"), headers.IDE) if settings.bff_ide else _no(IDE_IS_OFF)
    return [
        *(Route(path, _page(found.get("index.html"), headers.PAGE)) for path in STOREFRONT),
        Route("/ops", _page(found.get("ops.html"), headers.PAGE)),
        Route("/graphiql", ide),
        Route("/assets/{name:path}", _assets(found)),
        *(Route(f"/{name}", _single(file)) for name, file in found.items() if _is_single(name)),
    ]


def _page(file: File | None, policy: str) -> Endpoint:
    if file is None:
        return _no(NOT_BUILT)
    said = {"content-security-policy": policy, "cache-control": ASKED_AGAIN, **headers.ON_PAGES}

    async def page(request: Request) -> Response:
        return file.answer(request, said)

    return page


def _assets(found: Mapping[str, File]) -> Endpoint:
    """Named by their contents, so they never change. What is not among them is not looked for."""
    there = {name: file for name, file in found.items() if name.startswith(ASSETS)}

    async def asset(request: Request) -> Response:
        file = there.get(ASSETS + request.path_params["name"])
        if file is None or file.kind == files.KINDS[".html"]:
            return _refusal(request, NOT_THERE)
        return file.answer(request, {**_policy(file), "cache-control": FOR_A_YEAR})

    return asset


def _single(file: File) -> Endpoint:
    """A file with a name of its own, beside the pages."""

    async def single(request: Request) -> Response:
        return file.answer(request, {**_policy(file), "cache-control": ASKED_AGAIN})

    return single


def _is_single(name: str) -> bool:
    return "/" not in name and not name.endswith(".html")


def _policy(file: File) -> dict[str, str]:
    return {"content-security-policy": POLICIES.get(file.kind, headers.NOTHING)}


def _no(text: Text) -> Endpoint:
    async def refuse(request: Request) -> Response:
        return _refusal(request, text)

    return refuse


def _refusal(request: Request, text: Text) -> Response:
    language = preferred(request.headers.get("accept-language"))
    said = {"cache-control": "no-store", "vary": "Accept-Language", "content-language": language.lower()}
    return PlainTextResponse(text[language], status_code=404, headers=said)
