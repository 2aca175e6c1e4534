"""Visual search on the command line and from Python, against a whole service whose worker holds the model."""

import json
from collections.abc import Iterator

import pytest

from core.errors import InvalidCursor
from tests.api.commands.conftest import Live, machine_in

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("machine")
    machine = machine_in(folder, FOLIOSCOPE_VISUAL_MODEL="tests.scripted_eye:load")
    with machine.up() as (_, url):
        yield Live(machine, url, (folder / ".folioscope" / "key").read_text().strip())


def test_pages_are_seen_and_found_by_their_looks(live: Live) -> None:
    live.machine.run("upload", *(str(live.picture(f"{number}.png", number)) for number in (1, 2, 3)))
    nothing = live.machine.run("search", "--mode", "visual", "page 2")
    assert "folioscope embed" in nothing.stdout
    done = live.machine.run("embed")
    assert done.returncode == 0, done.stderr
    assert "Pages seen: 3, 0 blank, 0 not." in done.stderr
    found = live.machine.run("search", "--mode", "visual", "page 2", "--json")
    assert json.loads(found.stdout)[0]["document_name"] == "2.png"
    assert live.machine.run("search", "--mode", "both", "page 3").stdout.startswith("3.png, page 1\n")
    with live.client() as folioscope:
        assert next(folioscope.search("page 1", mode="visual")).document_name == "1.png"
        with pytest.raises(InvalidCursor):
            folioscope._get("/v1/search", {"q": "page", "mode": "visual", "cursor": "x"})


def test_a_question_finds_its_pages_by_their_looks_too(live: Live) -> None:
    live.machine.run("upload", str(live.picture("11.png", 11)))
    live.machine.run("embed")
    asked = live.machine.run("ask", "What is the amount on page 11?", "--json")
    assert json.loads(asked.stdout)["pages_looked_at"] >= 1, asked.stderr
