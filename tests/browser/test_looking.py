"""What looks at pages for us sees what a person would: every sweep over the pages rests on it."""

import pytest
from playwright.async_api import Page

from tests.browser import axe, layout
from tests.browser.conftest import Visits

TALL = 'style="height: 44px'
BAD = {
    "sideways": '<div style="width: 900px">wide</div>',
    "cut off at the side": '<p style="width: 40px; overflow: hidden; white-space: nowrap">many words</p>',
    "cut off below": '<p style="height: 10px; overflow: hidden">words</p>',
    "is broken": '<p style="width: 40px; overflow-wrap: anywhere">watermelons</p>',
    "too small": '<button style="height: 20px">press</button>',
    "one lies over": f'<button {TALL}">one</button><button {TALL}; margin-left: -30px">two</button>',
}
GOOD = """<h1>과일 가게</h1>
<p style="width: 200px">여러 단어로 된 문장은 줄이 바뀌어도 됩니다, words may wrap between them</p>
<label style="display: block; height: 44px"><input type="radio" /> choice</label>
<button style="height: 44px">one</button> <button style="height: 44px">two</button>"""


@pytest.fixture
async def page(visits: Visits) -> Page:
    context = await visits(viewport={"width": 390, "height": 844})
    return await context.new_page()


async def shows(page: Page, body: str) -> None:
    await page.set_content(f'<!doctype html><html lang="ko"><title>t</title><main>{body}</main></html>')


@pytest.mark.parametrize("fault", BAD)
async def test_bad_layout_is_seen(page: Page, fault: str) -> None:
    await shows(page, BAD[fault])
    said = await layout.faults(page)
    assert any(fault in each for each in said), said


async def test_good_layout_is_left_alone(page: Page) -> None:
    await shows(page, GOOD)
    assert await layout.faults(page) == []
    assert await axe.faults(page) == []


async def test_grave_faults_of_access_are_seen(page: Page) -> None:
    await shows(page, '<button></button><p style="color: #eee; background: #fff">pale</p>')
    assert {each.split(":")[0] for each in await axe.faults(page)} == {"button-name", "color-contrast"}
