"""A real Chromium in front of the real service: embedded stack, bundled model, signed in by the link that `up` prints.

One service serves all tests of a process. Where there is no Chromium, all of them are skipped.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, sync_playwright

from api.client import Client

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
PATIENCE = 120_000  # milliseconds: two busy cores are slow
_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


@dataclass(frozen=True, slots=True)
class Service:
    """A running service, and the way in."""

    url: str
    key: str
    folder: Path
    signed_in: Any  # what a browser keeps once it is let in

    def client(self) -> Client:
        """A client of its API."""
        return Client(self.url, self.key)


@dataclass
class Watched:
    """What must not happen while somebody visits: errors in the console, requests that leave the machine."""

    url: str
    faults: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        """Look at every page of a browser from now on."""
        context.on("request", self._sent)
        context.on("weberror", lambda error: self.faults.append(f"uncaught: {error.error}"))
        context.on("console", lambda said: self._said(said.type, said.text))
        context.on("dialog", lambda dialog: dialog.accept() if dialog.type == "confirm" else self._alerted(dialog))

    def _sent(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.faults.append(f"asked elsewhere: {request.url}")

    def _said(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.faults.append(f"{kind}: {text}")

    def _alerted(self, dialog: Any) -> None:
        self.faults.append(f"{dialog.type}: {dialog.message}")
        dialog.dismiss()


def chromium() -> str | None:
    """Where a Chromium is: CHROMIUM says so, or one is on PATH."""
    named = os.environ.get("CHROMIUM")
    found = [named] if named else [shutil.which(name) for name in _NAMES]
    return next((path for path in found if path and Path(path).exists()), None)


@pytest.fixture(scope="session")
def playwright_() -> Iterator[Playwright]:
    """What drives the browser."""
    if chromium() is None:
        pytest.skip("There is no Chromium here: install one, or name it by CHROMIUM.")
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chrome(playwright_: Playwright) -> Iterator[Browser]:
    """The browser."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    browser = playwright_.chromium.launch(executable_path=chromium(), args=[*sandbox, "--disable-dev-shm-usage"])
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def service(chrome: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service, as `folioscope up` starts it, on a free port."""
    folder = tmp_path_factory.mktemp("service")
    with served(folder) as told:
        context = chrome.new_context()
        page = context.new_page()
        page.goto(told["page"])
        assert page.title() == "Documents · Folioscope"
        key = Path(told["key_file"]).read_text().strip()
        yield Service(told["url"], key, folder, context.storage_state())
        context.close()


@contextmanager
def served(folder: Path) -> Iterator[dict[str, str]]:
    """A service whose data lies in a folder; what it prints when it is ready."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FOLIOSCOPE_")}
    own = {"FOLIOSCOPE_PORT": "0", "FOLIOSCOPE_DATA_DIR": str(folder / "data"), "PYTHONPATH": str(ROOT)}
    own["FOLIOSCOPE_READ_WHEN_IDLE"] = "0"  # what is unread stays so until a test has it read
    with (folder / "log").open("w") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "up", "--json"],
            cwd=folder,
            env=kept | own,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert running.stdout is not None
    try:
        line = running.stdout.readline()
        assert line, (folder / "log").read_text()[-2_000:]
        yield json.loads(line)
    finally:
        running.terminate()
        running.communicate(timeout=60)


@pytest.fixture
def visit(service: Service, chrome: Browser) -> Iterator[Page]:
    """A page of a browser that is signed in. Fails where something happened that must not."""
    with visited(service, chrome) as (page, watched):
        yield page
        assert watched.faults == []


@contextmanager
def visited(service: Service, chrome: Browser, **how: Any) -> Iterator[tuple[Page, Watched]]:
    """A page of a browser that is signed in and watched."""
    how = {"viewport": {"width": 1200, "height": 900}, **how}
    context = chrome.new_context(base_url=service.url, storage_state=service.signed_in, **how)
    context.set_default_timeout(PATIENCE)
    watched = Watched(service.url)
    watched.watch(context)
    yield context.new_page(), watched
    context.close()


@pytest.fixture(scope="session")
def invoice(service: Service) -> str:
    """The id of a sample that is read as an invoice, and a letter beside it."""
    with service.client() as folioscope:
        taken = folioscope.upload([SAMPLES / "invoice-02.pdf", SAMPLES / "letter-01.pdf"])
        (id_,) = (one.id for one in taken.documents if one.name == "invoice-02.pdf")
        job = folioscope.wait(folioscope.extract("invoice", documents=[id_]))
        assert job.state in {"succeeded", "partial"}, job
        return str(id_)
