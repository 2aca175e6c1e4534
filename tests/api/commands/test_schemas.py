import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from core.records import Box, StopReason
from tests.api.commands.conftest import Live, Machine
from tests.ingest.files import born_digital
from workers.vlm.interface import Capability, Generation, Line, ModelIdentity, PageRequest

pytestmark = pytest.mark.timeout(180)
PRINTED = {"Policy no.": "P-4711", "Valid until": "31.12.2025", "Premium:": "1.204,00 €"}


class Reader:
    """A model that reads the same on every page."""

    identity = ModelIdentity("reader", "1", "read-1")
    capabilities = frozenset({Capability.READ})

    def generate(
        self, requests: Sequence[PageRequest], _cancelled: Callable[[], bool] = lambda: False
    ) -> list[list[Generation]]:
        lines: list[Line] = []
        for row, pair in enumerate(PRINTED.items()):
            boxes = [Box(x, row / 20, x + 0.2, row / 20 + 0.02) for x in (0.1, 0.5)]
            lines += [Line(text, box, 0.9) for text, box in zip(pair, boxes, strict=True)]
        return [[Generation("", None, None, StopReason.END, 0.0, lines=tuple(lines))] for _ in requests]


def reader(_settings: object) -> Reader:
    """The factory for the process that suggests."""
    return Reader()


def written(file: Path, *properties: str, **more: Any) -> str:
    """A schema of text fields as a file."""
    body = {"type": "object", "properties": {name: {"type": "string"} for name in properties}}
    file.write_text(json.dumps(body | more))
    return str(file)


def test_schemas_are_added_listed_shown_and_compared(live: Live, tmp_path: Path) -> None:
    run = live.machine.run
    file = tmp_path / "policy.json"
    added = run("schemas", "add", "policy", written(file, "number", "holder"))
    assert added.stdout.splitlines()[0] == "policy, version 1"
    run("schemas", "add", "policy", written(file, "number", "premium", folioscope={"target": 0.98}))
    listed = {schema["name"]: schema for schema in json.loads(run("schemas", "list", "--json").stdout)}
    assert listed["policy"]["version"] == 2
    assert run("schemas").stdout == run("schemas", "list").stdout
    shown = json.loads(run("schemas", "show", "policy", "--version", "1", "--json").stdout)
    assert [field["path"] for field in shown["fields"]] == ["number", "holder"]
    assert run("schemas", "diff", "policy").stdout.splitlines() == [
        "policy, from version 1 to 2",
        "+ premium",
        "- holder",
        "~ schema: target: nothing -> 0.98",
    ]
    assert "the same" in run("schemas", "diff", "policy", "2", "2").stdout


def test_a_built_in_schema_is_shown_with_its_columns_and_rules(live: Live) -> None:
    lines = live.machine.run("schemas", "show", "invoice").stdout.splitlines()
    assert any(line.split()[:2] == ["line_items[].amount", "money"] for line in lines)
    assert "rule: subtotal + tax = total (tax is added)" in lines


def test_a_schema_that_is_refused_is_told_with_its_pointer(live: Live, tmp_path: Path) -> None:
    file = written(tmp_path / "odd.json", "number", oneOf=[])
    refused = live.machine.run("schemas", "add", "odd", file)
    assert refused.returncode == 1
    assert refused.stderr == 'folioscope: At /oneOf: "oneOf" is not supported. (invalid-schema)\n'


def test_a_suggested_schema_is_one_that_can_be_added(live: Live, tmp_path: Path) -> None:
    machine = Machine(tmp_path, {"FOLIOSCOPE_MODEL": "tests.api.commands.test_schemas:reader"})
    files = [str(born_digital(tmp_path / f"{n}.pdf", pages=1)) for n in range(2)]
    done = machine.run("schemas", "suggest", *files)
    assert done.returncode == 0, done.stderr
    body = json.loads(done.stdout)
    assert {name: said.get("format") for name, said in body["properties"].items()} == {
        "policy_no": None,
        "valid_until": "date",
        "premium": "money",
    }
    assert "Premium: money, in 2 of 2 documents, as '1.204,00 €'" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.pdf", "1.pdf"]
    file = tmp_path / "suggested.json"
    file.write_text(done.stdout)
    assert live.machine.run("schemas", "add", "suggested", str(file)).returncode == 0


def test_an_uploaded_document_can_be_the_sample(live: Live, tmp_path: Path) -> None:
    live.machine.run("upload", str(live.picture("sample.png", 77)))
    done = live.machine.run(
        "schemas", "suggest", "sample.png", "--json", FOLIOSCOPE_MODEL="tests.api.commands.test_schemas:reader"
    )
    assert done.returncode == 0, done.stderr
    assert [found["title"] for found in json.loads(done.stdout)["found"]] == ["Policy no", "Valid until", "Premium"]


def test_a_model_that_does_not_read_suggests_nothing(tmp_path: Path) -> None:
    machine = Machine(tmp_path, {"FOLIOSCOPE_MODEL": "tests.scripted_model:load"})
    (tmp_path / "script.json").write_text("{}")
    done = machine.run("schemas", "suggest", str(born_digital(tmp_path / "page.pdf", pages=1)))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("(model-cannot)\n")
