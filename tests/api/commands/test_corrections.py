"""People correct what was read by the command line and the client, and take it away as files to train on."""

import json
from pathlib import Path
from zipfile import ZipFile

import pytest

from core.errors import FieldNotFound
from core.records import Box, ValueState
from tests.api.commands.conftest import Live

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def read(live: Live) -> str:
    """The id of a document that was read as an invoice: its total is $12.00."""
    with live.client() as folioscope:
        document = folioscope.upload_file(live.picture("a, b.png", 11))
        folioscope.wait(folioscope.extract("invoice", [document.id]))
    return document.id


def test_a_value_is_corrected_by_the_document_s_name_and_taken_back(live: Live, read: str) -> None:
    run = live.machine.run
    assert run("correct", "a, b.png", "total", "--", "-13.00").stdout == "total: -13.00 (corrected)\n"
    shown = json.loads(run("correct", read, "invoice_number", "--absent", "--json").stdout)
    assert (shown["value"]["state"], shown["history"][0]["before"]["raw"]) == ("absent", "R-1")
    undone = run("correct", read, "total", "--undo", "--schema", "invoice")
    assert undone.stdout == "total: $12.00 (what the model says counts)\n"
    odd = run("correct", read, "due_date", "soon", "--page", "1", "--box", "0.1,0.1,0.2,0.2")
    assert "not-a-date" in odd.stderr
    assert [line.split()[3] for line in run("corrections").stdout.splitlines()[1:]] == [
        *("due_date", "total", "invoice_number", "total")
    ]
    newest, undo = json.loads(run("corrections", "list", "--limit", "2", "--json").stdout)
    assert (newest["raw"], undo["undone"], undo["before"]["raw"]) == ("soon", True, "-13.00")


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (["total"], 2, "Say one thing"),
        (["total", "1", "--absent"], 2, "Say one thing"),
        (["total", "--undo", "--absent"], 2, "Say one thing"),
        (["total", "--page", "1", "--box", "1,2"], 2, "is no box"),
        (["nonsense", "1"], 1, "record-not-found"),
        (["total", "1", "--page", "7"], 1, "page-not-found"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    live: Live, read: str, words: list[str], code: int, hint: str
) -> None:
    done = live.machine.run("correct", read, *words)
    assert (done.returncode, hint in done.stderr) == (code, True), done.stderr


def test_a_document_that_nobody_knows_is_named(live: Live, read: str) -> None:
    assert "nobody.pdf" in live.machine.run("correct", "nobody.pdf", "total", "1").stderr


def test_the_client_corrects_shows_and_lists(live: Live, read: str) -> None:
    with live.client() as folioscope:
        done = folioscope.correct("invoice", read, "tax", "1.00 €", page=1, box=Box(0.1, 0.2, 0.3, 0.4))
        assert (done.value.typed, done.value.box) == ({"amount": "1.00", "currency": "EUR"}, Box(0.1, 0.2, 0.3, 0.4))
        assert folioscope.value("invoice", read, "tax") == done
        newest = next(folioscope.corrections("invoice"))
        assert (newest.document_name, newest.field, newest.state) == ("a, b.png", "tax", ValueState.FOUND)
        assert newest == done.history[-1]
        with pytest.raises(FieldNotFound):
            folioscope.correct("invoice", read, "what/ever?#", "1")


def test_corrections_are_written_as_a_zip_or_into_a_folder(live: Live, read: str, tmp_path: Path) -> None:
    with live.client() as folioscope:
        folioscope.correct("invoice", read, "total", "$13.00")
        folioscope.correct("invoice", read, "total", "$12.00")  # the model was right
        folioscope.correct("invoice", read, "vendor_name", "Acme")
    run = live.machine.run
    done = run("corrections", "export", "--format", "preference", "--out", str(tmp_path / "c.zip"))
    assert "examples on 1 page:" in done.stdout
    assert "left out: 1 correction (said-the-same)" in done.stderr
    told = json.loads(run("corrections", "export", "--format", "sft", "--out", str(tmp_path / "c"), "--json").stdout)
    lines = (tmp_path / "c" / "corrections.jsonl").read_text().splitlines()
    assert (told["examples"], told["pictures"]) == (len(lines), 1)
    assert {name.partition("/")[0] for name in ZipFile(tmp_path / "c.zip").namelist()} == {
        path.name for path in (tmp_path / "c").iterdir()
    }
    (name,) = json.loads(lines[0])["images"]
    with live.client() as folioscope:
        assert (tmp_path / "c" / name).read_bytes() == folioscope.image(read, 1)
    again = run("corrections", "export", "--format", "sft", "--out", str(tmp_path / "c"))
    assert (again.returncode, "not an empty folder" in again.stderr) == (2, True)
    nowhere = run("corrections", "export", "--format", "sft", "--out", str(tmp_path / "no" / "where"))
    assert (nowhere.returncode, "cannot be written" in nowhere.stderr) == (2, True)
    assert "format" in run("corrections", "export", "--format", "csv", "--out", str(tmp_path / "d")).stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c", "c.zip"]
