"""`folioscope models`: which there are, and whether one works."""

import json
import os
import signal
from pathlib import Path

import pytest

from tests.api.commands.conftest import Machine
from tests.ingest.files import born_digital
from tests.protocol_server import fails, says, served

SECRET = "sk-not-for-the-screen"
FILE = """\
questions = "big"

[models.big]
kind = "openai"
name = "big-vl"
base_url = "{url}"
key_env = "BIG_KEY"

[models.gone]
kind = "local"
name = "/nowhere/at/all"

[models.reader]
kind = "local"
name = "reader"

[models.eye]
kind = "local"
name = "eye"

[models.mine]
kind = "factory"
name = "tests.scripted_model:load"

[models.huge]
kind = "factory"
name = "tests.api.commands.test_models:too_large"

[models.greedy]
kind = "factory"
name = "tests.api.commands.test_models:killed"

[models.pointer]
kind = "openai"
name = "pointer-vl"
base_url = "{url}"
boxes = "shares"
"""


def too_large(_settings: object) -> object:
    """A factory whose model does not fit."""
    raise MemoryError


def killed(_settings: object) -> object:
    """A factory that the kernel ends for its greed."""
    os.kill(os.getpid(), signal.SIGKILL)
    return object()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with a models file and a page to show."""
    data = tmp_path / ".folioscope"
    data.mkdir()
    (data / "models.toml").write_text(FILE.format(url="http://127.0.0.1:9/v1"))
    (tmp_path / "eye").mkdir()
    (tmp_path / "eye" / "config.json").write_text('{"model_type": "colqwen2"}')
    (tmp_path / "reader").mkdir()
    (tmp_path / "reader" / "config.json").write_text('{"model_type": "florence2"}')
    (tmp_path / "script.json").write_text('{"answers": {}}')
    born_digital(tmp_path / "page.pdf", pages=1)
    return Machine(tmp_path, {"FOLIOSCOPE_MODEL": "bundled"})


def at(machine: Machine, url: str) -> Machine:
    (machine.folder / ".folioscope" / "models.toml").write_text(FILE.format(url=url))
    return machine


def test_list_shows_every_model_with_its_kind_and_what_it_can_do(machine: Machine) -> None:
    done = machine.run("models", "list", BIG_KEY=SECRET)
    rows = {line.split()[0]: line.split() for line in done.stdout.splitlines()}
    assert rows["bundled"][1:] == [
        "bundled",
        *["ask,", "classify,", "describe,", "extract,", "locate,", "read,", "rows", "jobs,", "questions"],
    ]
    assert rows["big"][1:] == [
        "openai",
        "big-vl",
        *["ask,", "chat,", "classify,", "describe,", "extract,", "read,", "rows"],
    ]
    can = ["ask,", "chat,", "classify,", "describe,", "extract,", "locate,", "read,", "rows"]
    assert rows["pointer"][1:] == ["openai", "pointer-vl", *can]
    assert rows["gone"][1:] == ["local", "/nowhere/at/all", "?"]
    assert rows["reader"][1:] == ["local", "reader", "describe,", "locate,", "read"]
    assert rows["eye"][1:] == ["local", "eye", "embed"]
    assert SECRET not in done.stdout + done.stderr


def test_the_model_of_visual_search_is_listed_as_that_and_tried_by_no_check(machine: Machine) -> None:
    checked = machine.run("models", "check", "eye")
    assert (checked.returncode != 0, "embeds pages and reads none" in checked.stderr) == (True, True)
    done = machine.run("models", "list", "--json", FOLIOSCOPE_VISUAL_MODEL="eye")
    (eye,) = (m for m in json.loads(done.stdout) if m["model"] == "eye")
    assert (eye["capabilities"], eye["default_for_visual_search"], eye["default_for_jobs"]) == (["embed"], True, False)


def test_list_is_json_for_programs(machine: Machine) -> None:
    listed = {m["name"]: m for m in json.loads(machine.run("models", "list", "--json").stdout)}
    assert listed["bundled"]["default_for_jobs"] is True
    assert (listed["big"]["kind"], listed["big"]["base_url"]) == ("openai", "http://127.0.0.1:9/v1")
    assert listed["mine"]["capabilities"] is None


def test_check_shows_what_a_model_gets_from_a_page_how_fast_and_in_how_much_memory(machine: Machine) -> None:
    done = machine.run("models", "check", "mine", "--page", "page.pdf")
    assert done.returncode == 0, done.stderr
    assert "mine: scripted, revision 1, factory" in done.stdout
    assert " MB of memory" in done.stdout
    (extract,) = (line for line in done.stdout.splitlines() if line.startswith("extract"))
    assert "invoice number 0" in extract
    assert "81%" in extract


def test_check_tries_a_model_behind_an_api_in_all_that_it_can_do(machine: Machine) -> None:
    with served() as server:
        server.plays(lambda handler, body: (says("Ann") if "response_format" not in body else FORM)(handler, body))
        environment = machine.environment | {"BIG_KEY": SECRET}
        there = Machine(machine.folder, environment)
        done = at(there, server.url).run("models", "check", "big", "--page", "page.pdf", "--json")
    said = json.loads(done.stdout)
    tried = [tried["capability"] for tried in said["capabilities"]]
    assert tried == ["extract", "ask", "read", "classify", "describe", "chat", "rows"]
    assert said["capabilities"][-1]["got"][0]["rows"] == 1
    assert (said["model"], said["capabilities"][1]["got"][0]["text"]) == ("big-vl", "Ann")
    assert done.returncode == 0
    assert SECRET not in done.stdout + done.stderr


def test_check_shows_where_a_model_behind_an_api_finds_a_text(machine: Machine) -> None:
    place = '[{"text": "Total due", "box": [0.1, 0.2, 0.5, 0.25]}]'
    with served() as server:
        server.plays(says(f'{{{VALUES}, "place": {place}}}'))
        done = at(machine, server.url).run("models", "check", "pointer", "--page", "page.pdf")
    (locate,) = (line for line in done.stdout.splitlines() if line.startswith("locate"))
    assert "Total due at 0.10 0.20 0.50 0.25" in locate
    assert done.returncode == 0, done.stderr


ROWS = '"rows": [{"description": "bolts", "amount": "2.00"}]'
VALUES = f'"invoice_number": "7", "invoice_date": null, "total": null, "iban": null, "label": "letter", {ROWS}'
FORM = says(f"{{{VALUES}}}")


@pytest.mark.parametrize(
    ("name", "says", "code"),
    [
        ("gone", "there is no such folder", "model-unavailable"),
        ("big", "needs a key: set the environment variable BIG_KEY", "model-unavailable"),
        ("huge", "does not fit into memory", "model-unavailable"),
        ("greedy", "does not fit into this machine's memory", "model-unavailable"),
        ("other", "there are: bundled, big, gone, reader, eye, mine, huge, greedy, pointer", "unknown-model"),
    ],
)
def test_a_model_that_cannot_be_had_is_told_in_one_line(machine: Machine, name: str, says: str, code: str) -> None:
    done = machine.run("models", "check", name, "--page", "page.pdf")
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert done.stderr.strip().endswith(f"({code})")
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_server_that_does_not_let_us_in_is_told_for_what_it_is(machine: Machine) -> None:
    with served() as server:
        server.plays(fails(401, f"wrong key {SECRET}"))
        there = Machine(machine.folder, machine.environment | {"BIG_KEY": SECRET})
        done = at(there, server.url).run("models", "check", "big", "--page", "page.pdf")
    assert done.returncode == 1
    assert "does not take our key" in done.stdout
    assert "extract, ask, read, classify, describe, chat, rows" in done.stderr
    assert SECRET not in done.stdout + done.stderr


def test_a_page_that_is_not_there_is_said(machine: Machine) -> None:
    done = machine.run("models", "check", "mine", "--page", "nothing.pdf")
    assert (done.returncode, "nothing.pdf" in done.stderr) == (2, True)
