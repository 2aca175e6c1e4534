"""Every page: no serious fault by axe-core, light and dark, few bytes on a first visit."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize

from tests.browser.conftest import Service, visited

MOST_BYTES = 150_000
PHONE: ViewportSize = {"width": 375, "height": 800}
PAGES = (
    "/", "/documents/{invoice}", "/review", "/records", "/records/invoice", "/schemas", "/schemas/invoice", "/ask",
    "/ask?documents={invoice}", "/conversations/{conversation}", "/jobs", "/jobs/{job}", "/sign-in",
    "/documents/nothing",
)  # fmt: skip


@pytest.fixture(scope="module")
def ids(service: Service, invoice: str) -> dict[str, str]:
    """What the addresses of pages are made of."""
    with service.client() as folioscope:
        job = next(one.id for one in folioscope.jobs() if one.kind == "extract")
        conversation = folioscope.begin_conversation()
        for question in ("What is the invoice number?", "How many invoices are there?", "Who is Zwirngarn?"):
            folioscope.ask_in(conversation.id, question)
    return {"invoice": invoice, "job": job, "conversation": conversation.id}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_on_any_page_shuts_anybody_out(
    scheme: str, service: Service, chrome: Browser, ids: dict[str, str]
) -> None:
    faults: dict[str, list[str]] = {}
    with visited(service, chrome, color_scheme=scheme) as (page, watched):
        for place in PAGES:
            page.goto(place.format(**ids))
            faults[place] = faults_of(page)
        page.set_viewport_size(PHONE)
        for place in PAGES:
            page.goto(place.format(**ids))
            if page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
                faults[place].append("is wider than a phone")
        missing = "Failed to load resource: the server responded with a status of 404"
        assert [one for one in watched.faults if missing not in one] == []
    assert {place: found for place, found in faults.items() if found} == {}


def faults_of(page: Page) -> list[str]:
    """Serious and critical faults, each with the first element that has it."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize("place", PAGES)
def test_a_first_visit_to_a_page_is_small(place: str, service: Service, chrome: Browser, ids: dict[str, str]) -> None:
    sizes: dict[str, int] = {}
    with visited(service, chrome) as (page, _):
        page.context.on("requestfinished", lambda request: sizes.update({request.url: sent(request)}))
        page.goto(place.format(**ids), wait_until="networkidle")
    assert 0 < sum(sizes.values()) < MOST_BYTES, sizes


def sent(request: object) -> int:
    """The bytes of an answer, as they were sent."""
    told = request.sizes()  # type: ignore[attr-defined]
    return int(told["responseBodySize"]) + int(told["responseHeadersSize"])
