"""Describing, classifying and locating on the command line and from Python, against a whole service."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from api.client import Client
from core.errors import InvalidRequest, PageNotFound
from core.records import Box
from tests.api.commands.conftest import Live, Machine

pytestmark = pytest.mark.timeout(180)

SCRIPT: dict[str, Any] = {
    "capabilities": ["extract", "ask", "rows", "describe", "classify", "locate"],
    "answers": {
        "1": {"description": "A letter about rent. @0.9", "label": "letter @0.9", "place": "Total @0.8"},
        "2": {"description": "A plan of a house. @0.7", "label": None, "place": None},
    },
}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("machine")
    (folder / "script.json").write_text(json.dumps(SCRIPT))
    machine = Machine(folder)
    with machine.up() as (_, url):
        yield Live(machine, url, (folder / ".folioscope" / "key").read_text().strip())


@pytest.fixture(scope="module")
def ids(live: Live) -> dict[str, str]:
    """Two uploaded pages, their ids by name."""
    done = live.machine.run("upload", *(str(live.picture(f"{n}.png", n)) for n in (1, 2)), "--json")
    return {document["name"]: document["id"] for document in json.loads(done.stdout)["documents"]}


def job_in(said: str) -> str:
    """The job that a command names for its findings."""
    return said.split("folioscope findings ")[1].split(maxsplit=1)[0]


def test_documents_are_sorted_and_shown_by_document(live: Live, ids: dict[str, str]) -> None:
    done = live.machine.run("classify", "--labels", "letter, invoice")
    assert done.returncode == 0, done.stderr
    rows = {line.split()[0]: line.split() for line in done.stdout.splitlines() if line.startswith(("1.", "2."))}
    assert rows == {"1.png": ["1.png", "letter", "90%", "1/1"], "2.png": ["2.png", "-", "90%", "0/1"]}
    lines = live.machine.run("findings", job_in(done.stdout), "--jsonl").stdout.splitlines()
    assert {line["document_name"]: line["text"] for line in map(json.loads, lines)} == {
        "1.png": "letter",
        "2.png": None,
    }


def test_descriptions_are_shown_by_page_and_as_json(live: Live, ids: dict[str, str]) -> None:
    done = live.machine.run("describe")
    assert "A letter about rent." in done.stdout
    shown = json.loads(live.machine.run("findings", job_in(done.stdout), "--json").stdout)
    assert {page["document_name"]: page["text"] for page in shown} == {
        "1.png": "A letter about rent.",
        "2.png": "A plan of a house.",
    }


def test_only_pages_that_have_it_are_shown(live: Live, ids: dict[str, str]) -> None:
    done = live.machine.run("locate", "Where is the total?")
    assert "0.10 0.20 0.30 0.40" in done.stdout
    assert "2.png" not in done.stdout
    all_pages = live.machine.run("findings", job_in(done.stdout)).stdout
    assert "2.png" in all_pages


def test_one_page_is_answered_at_once(live: Live, ids: dict[str, str]) -> None:
    page = ("--documents", "1.png", "--page", "1")
    assert live.machine.run("describe", *page, "--region", "0 0 1 0.5").stdout.strip() == "A letter about rent."
    assert live.machine.run("classify", "--labels", "letter", *page).stdout.strip() == "letter"
    assert live.machine.run("locate", "Total", *page).stdout.splitlines() == [
        "Total",
        "  0.10 0.20 0.30 0.40  Total  (80%)",
    ]
    assert live.machine.run("locate", "Total", *page, "--region", "0 0 1 0.5").stdout.splitlines()[1:] == [
        "  0.10 0.10 0.30 0.20  Total  (80%)",
    ]
    none = live.machine.run("locate", "Total", "--documents", "2.png", "--page", "1")
    assert none.stdout.strip() == "Nothing that fits was found."


@pytest.mark.parametrize(
    "words",
    [
        ("describe", "--region", "0 0 1 1"),
        ("locate", "Total", "--region", "0 0 1 1"),
        ("describe", "--documents", "1.png", "--page", "1", "--region", "0 0 one"),
        ("describe", "--page", "1"),
        ("locate", "Total", "--documents", "1.png,2.png", "--page", "1"),
    ],
)
def test_what_cannot_be_meant_is_told_in_one_line(live: Live, ids: dict[str, str], words: tuple[str, ...]) -> None:
    done = live.machine.run(*words)
    assert done.returncode == 1
    assert done.stderr.startswith("folioscope: ")
    assert len(done.stderr.splitlines()) == 1


def test_the_client_finds_the_same(live: Live, ids: dict[str, str]) -> None:
    with Client(live.url, live.key) as folioscope:
        job = folioscope.wait(folioscope.classify(["letter"], [ids["1.png"]]))
        assert [(one.text, one.found, one.box) for one in folioscope.findings(job)] == [
            ("letter", True, Box(0.1, 0.2, 0.3, 0.4))
        ]
        (document,) = folioscope.document_findings(job)
        assert (document.text, document.confidence, document.differing) == ("letter", 0.9, ())
        exported = b"".join(folioscope.export_findings(job, "documents"))
        assert json.loads(exported)["document"] == ids["1.png"]
        placed = folioscope.locate_on_page(ids["1.png"], 1, "Total")
        assert [place.text for place in placed.places] == ["Total"]
        within = folioscope.locate_on_page(ids["1.png"], 1, "Total", region=Box(0, 0, 1, 0.5))
        assert within.box == within.places[0].box == Box(0.1, 0.1, 0.3, 0.2)
        told = folioscope.describe_page(ids["1.png"], 1, region=Box(0, 0, 1, 0.5))
        assert (told.text, told.box) == ("A letter about rent.", Box(0, 0, 1, 0.5))
        assert folioscope.classify_page(ids["2.png"], 1, ["letter"]).state == "nothing"
        with pytest.raises(PageNotFound):
            folioscope.describe_page(ids["1.png"], 7)
        with pytest.raises(InvalidRequest):
            folioscope.classify([])
