"""Makes the pictures of the web page, light and dark, from a service of its own over samples/. `make screenshots`."""

import argparse
import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from api.client import Client
from api.own_service import own_service
from api.running import read_key
from core.settings import Settings

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "images" / "web"
SAMPLES = ROOT / "samples"
SCHEMES = ("light", "dark")
SIZE: ViewportSize = {"width": 1280, "height": 860}
READ = {"invoice": ("invoice-01.pdf", "invoice-02.pdf", "invoice-03.pdf", "invoice-05.pdf"), "form": ("form-01.pdf",)}
QUALITY = 82  # of WebP
PATIENCE = 300_000  # milliseconds
SETTLED = 1_500  # of them, until pictures that are loaded late are drawn
_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


@dataclass(frozen=True, slots=True)
class Shown:
    """What the pictures show."""

    document_id: str
    conversation_id: str
    job_id: str


def fill(folioscope: Client) -> Shown:
    """Upload all samples, read some, ask some, and leave a long job running."""
    taken = {one.name: one.id for one in folioscope.upload(sorted(SAMPLES.glob("*.pdf"))).documents}
    for schema, files in READ.items():
        folioscope.wait(folioscope.extract(schema, documents=[taken[name] for name in files]))
    talk = folioscope.begin_conversation()
    for question in ("What is the invoice number of Inzaze AG?", "and the due date?"):
        folioscope.ask_in(talk.id, question)
    job = folioscope.extract("statement", documents=[taken["statement-40-pages.pdf"]])
    return Shown(taken["invoice-02.pdf"], talk.id, job.id)


def places(shown: Shown) -> dict[str, str]:
    """The addresses of the pictures, by their names; that of the running job comes first."""
    return {
        "job": f"/jobs/{shown.job_id}",
        "documents": "/",
        "document": f"/documents/{shown.document_id}",
        "review": "/review",
        "records": "/records/invoice",
        "ask": f"/conversations/{shown.conversation_id}",
    }


def taken(page: Page) -> Image.Image:
    """What a browser shows, once the pictures in it are there; a page that is told news is never idle."""
    page.wait_for_load_state("load")
    page.wait_for_timeout(SETTLED)
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


@contextmanager
def signed_in(browser: Browser, url: str, key: str, scheme: str) -> Iterator[BrowserContext]:
    """A browser that a key has let in."""
    context = browser.new_context(base_url=url, viewport=SIZE, color_scheme="dark" if scheme == "dark" else "light")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("Key of a workspace").fill(key)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{url}/")
    yield context
    context.close()


def chromium() -> str:
    """Where a Chromium is: CHROMIUM says so, or one is on PATH."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise SystemExit("There is no Chromium here: install one, or name it by CHROMIUM.")
    return found


def main() -> None:
    """Start a service, fill it, and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=PICTURES)
    given = parser.parse_args()
    given.to.mkdir(parents=True, exist_ok=True)
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as folder, own_service(Settings(), Path(folder)) as service:
        shown = fill(service.client)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=arguments)
            for scheme in SCHEMES:
                with signed_in(browser, service.url, read_key(service.data_dir) or "", scheme) as context:
                    page = context.new_page()
                    for name, place in places(shown).items():
                        page.goto(place)
                        taken(page).save(given.to / f"{name}-{scheme}.webp", quality=QUALITY, method=6)
            browser.close()
    sizes = {path.name: path.stat().st_size for path in sorted(given.to.glob("*.webp"))}
    for name, size in sizes.items():
        print(f"{name:24} {size / 1000:6.0f} kB")
    print(f"{'all':24} {sum(sizes.values()) / 1000:6.0f} kB")


if __name__ == "__main__":
    main()
