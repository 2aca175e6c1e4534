"""What one process is asking a model, another does not pay for again, whatever becomes of the first."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage.blobs import BlobStore
from storage.database import Sessions, make_engine, make_sessions
from storage.tables import Inference, InferenceClaim, Workspace
from tests.scripted_model import ScriptedModel, picture
from workers.infer import Interrupted, PageAsked, infer, infer_together
from workers.inference import inference_key
from workers.underway import UNDERWAY, claimed
from workers.vlm.interface import Generation, Prompt, PromptKind

TOTAL = Prompt("total", PromptKind.FIELD, "total")
NEVER = 60.0  # seconds: longer than anything here takes
SPAWN = multiprocessing.get_context("spawn")


@dataclass
class Page:
    """A page that several processes want the same of; `journal` has a line for each time that a model is asked."""

    url: str
    blobs: Path
    workspace_id: str
    sha256: str
    journal: Path

    def ask(self, act: str = "", lease: float = UNDERWAY.lease_seconds) -> None:
        """Ask a model that acts so, with claims that last so long, and check what it says."""
        UNDERWAY.lease_seconds = lease
        engine = make_engine(self.url)
        model = ScriptedModel(acts={"1": act}, journal=self.journal)
        of = (make_sessions(engine), BlobStore(str(self.blobs)), model, self.workspace_id, self.sha256)
        (said,) = infer(*of, [TOTAL], lambda: False)
        assert said.generation.text == "total 1"
        engine.dispose()

    @contextmanager
    def asked_elsewhere(self, act: str, lease: float = UNDERWAY.lease_seconds) -> Iterator[BaseProcess]:
        """A process of its own that is asking its model; it is killed at the end, if it is still there."""
        process = SPAWN.Process(target=self.ask, args=(act, lease))
        process.start()
        try:
            until(lambda: self.paid() == 1)
            yield process
        finally:
            process.kill()
            process.join()

    def paid(self) -> int:
        """How often a model was asked."""
        return len(self.journal.read_text().splitlines()) if self.journal.exists() else 0


@pytest.fixture
def page(
    database_url: str,
    blobs: BlobStore,
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Page:
    monkeypatch.setattr(UNDERWAY, "lease_seconds", UNDERWAY.lease_seconds)  # `ask` sets it here, too
    sha256 = blobs.put(picture(1)).sha256
    return Page(database_url, tmp_path / "blobs", workspace.id, sha256, tmp_path / "journal")


def until(so: Callable[[], bool]) -> None:
    end = time.monotonic() + NEVER
    while not so():
        assert time.monotonic() < end
        time.sleep(0.02)


def claims(sessions: Sessions) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(InferenceClaim)) or 0


def test_two_processes_that_want_the_same_pay_once(page: Page, sessions: Sessions) -> None:
    with page.asked_elsewhere("sleep 1") as other:
        page.ask()
        other.join(NEVER)
        assert other.exitcode == 0
    assert page.paid() == 1
    assert claims(sessions) == 0


def test_a_claim_lasts_as_long_as_the_model_takes(page: Page) -> None:
    with page.asked_elsewhere("sleep 5", lease=2.0):
        page.ask()
    assert page.paid() == 1


def test_what_a_killed_process_was_asking_is_asked_again(page: Page, sessions: Sessions) -> None:
    with page.asked_elsewhere("kill", lease=1.0) as killed:
        killed.join(NEVER)
        assert killed.exitcode == -signal.SIGKILL
        assert claims(sessions) == 1
        page.ask()
    assert page.paid() == 2
    assert claims(sessions) == 0


def test_nobody_waits_for_a_stopped_process_and_it_spoils_nothing_when_it_goes_on(
    page: Page, sessions: Sessions
) -> None:
    with page.asked_elsewhere("sleep 2", lease=1.0) as stopped:
        os.kill(stopped.pid or 0, signal.SIGSTOP)
        page.ask()
        assert page.paid() == 2
        os.kill(stopped.pid or 0, signal.SIGCONT)
        stopped.join(NEVER)
        assert stopped.exitcode == 0
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Inference)) == 1
    assert claims(sessions) == 0


def test_who_waits_for_another_process_hears_of_a_cancel(page: Page, sessions: Sessions, blobs: BlobStore) -> None:
    with page.asked_elsewhere("sleep 60"), pytest.raises(Interrupted):
        infer(sessions, blobs, ScriptedModel(), page.workspace_id, page.sha256, [TOTAL], lambda: True)


def test_pages_that_another_process_is_at_are_no_batch(page: Page, sessions: Sessions, blobs: BlobStore) -> None:
    pages = [PageAsked(page.workspace_id, blobs.put(picture(number)).sha256, (TOTAL,)) for number in (1, 2)]
    keys = [inference_key(one.image_sha256, TOTAL, ScriptedModel().identity) for one in pages]
    with claimed(sessions, page.workspace_id, keys):
        infer_together(sessions, blobs, NeverAsked(), pages, lambda: False)


class NeverAsked(ScriptedModel):
    """A model that nobody may ask, not even for nothing."""

    def generate(self, *_: object) -> list[list[Generation]]:
        raise AssertionError
