"""`transformers serve` with tiny checkpoints: a server that speaks the protocol in its own way.

It takes `response_format` and `logprobs` and does nothing with them.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from core.records import StopReason
from tests.workers.vlm.local.tiny_talkers import llava, llava_that_says
from tests.workers.vlm.remote.reached import CONNECT, FIELDS, ask, opened
from workers.vlm.catalog import Entry, Kind
from workers.vlm.interface import Generation, PageRequest, Prompt, PromptKind, Role, Turn
from workers.vlm.local.backend import LocalModel
from workers.vlm.remote.model import RemoteModel

PAGE = Image.linear_gradient("L").resize((40, 60))
OTHER = PAGE.rotate(180)
TALK = Prompt("reply", PromptKind.CHAT, "Hello", turns=(Turn(Role.USER, "Hello"),), budget=12)
FORM = ('{"total": ', '"12.00"', ', "iban": ', "null", "}")
PLACES = ('[{"bbox_2d": ', "[100, 200, 500, 250]", ', "label": "Total"}', "]")


@dataclass(frozen=True, slots=True)
class Serving:
    """A server under way, and the folders of the models that it may be asked for."""

    url: str
    random: Path  # random weights: what it says depends on all that it is shown
    reader: Path  # fills in a form
    pointer: Path  # tells a place


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """The real program, as a process of its own on a port of the loopback, without a network."""
    place = tmp_path_factory.mktemp("serving")
    folders = [place / name for name in ("random", "reader", "pointer")]
    llava(folders[0])
    llava_that_says(folders[1], FORM)
    llava_that_says(folders[2], PLACES)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", "--device", "cpu"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(place / "home"), "OMP_NUM_THREADS": "1"}
    with (
        (place / "log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=place) as process,
    ):
        try:
            _wait_for(f"http://127.0.0.1:{port}/health", process, place / "log")
            yield Serving(f"http://127.0.0.1:{port}/v1", *folders)
        finally:
            process.kill()


def _wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until the server answers; a test's own limit of time ends a wait that has no end."""
    while process.poll() is None:
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError(f"it ended by {process.returncode}: {log.read_text()}")


def served(serving: Serving, kind: Kind, folder: Path, **more: Any) -> RemoteModel:
    entry = Entry.model_validate({"kind": kind, "name": str(folder), "base_url": serving.url, **more})
    model = CONNECT[kind]("served", entry, None)
    opened.append(model)
    return model


def test_it_says_of_a_page_what_the_same_checkpoint_says_here(serving: Serving, kind: Kind) -> None:
    there, here = served(serving, kind, serving.random), LocalModel.load(str(serving.random))
    said, own = ([_talk(model, page) for page in (PAGE, OTHER)] for model in (there, here))
    assert [(g.text or "").rstrip("\ufffd").strip() for g in said] == [g.text for g in own]
    assert [(g.stop, g.error) for g in said] == [(StopReason.BUDGET, None)] * 2  # cut off, and told as far as it came
    assert said[0].text != said[1].text  # the page has arrived


def _talk(model: RemoteModel | LocalModel, page: Image.Image) -> Generation:
    ((said,),) = model.generate([PageRequest(page, (TALK,))])
    return said


def test_fields_are_read_and_nobody_knows_how_sure_they_are(serving: Serving, kind: Kind) -> None:
    found = ask(served(serving, kind, serving.reader), *FIELDS)
    assert [(g.text, g.stop, g.error) for g in found] == [("12.00", StopReason.END, None), (None, StopReason.END, None)]
    assert [(g.probabilities, g.confidence) for g in found] == [(None, None)] * 2


def test_a_schema_that_it_pays_no_heed_to_is_kept_by_us(serving: Serving, kind: Kind) -> None:
    amount = Prompt("total", PromptKind.FIELD, "total amount", schema={"type": "number"})
    total, iban = ask(served(serving, kind, serving.reader), amount, FIELDS[1])
    assert (total.text, total.error) == (None, "invalid-output")
    assert (iban.text, iban.error) == (None, None)


def test_a_form_that_runs_out_of_its_budget_keeps_what_was_complete(serving: Serving, kind: Kind) -> None:
    total, iban = ask(served(serving, kind, serving.reader, max_new_tokens=3), *FIELDS)
    assert (total.text, total.stop) == ("12.00", StopReason.END)
    assert (iban.text, iban.stop, iban.error) == (None, StopReason.BUDGET, None)


def test_places_come_to_page_space(serving: Serving, kind: Kind) -> None:
    (found,) = ask(served(serving, kind, serving.pointer, boxes="qwen3-vl"), Prompt("p", PromptKind.LOCATE, "Total"))
    assert found.text == "Total"
    assert found.box is not None
    assert found.box.as_list() == [0.1, 0.2, 0.5, 0.25]
