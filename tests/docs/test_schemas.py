"""What docs/your-own-schema.md shows can be done."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

from core.errors import InvalidSchema
from storage.rule_texts import parse_rule
from storage.schemas import check_body, wanted_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "your-own-schema.md").read_text()


def block(beginning: str) -> str:
    """The indented block that begins so."""
    start = PAGE.index(f"\n\n    {beginning}") + 2
    lines = PAGE[start:].splitlines()
    count = next(n for n, line in enumerate(lines) if line and not line.startswith("    "))
    return textwrap.dedent("\n".join(lines[:count]))


def test_the_example_is_a_schema() -> None:
    body: dict[str, Any] = json.loads(block("{"))
    check_body(body)
    wanted = wanted_of(body)
    assert [table.path for table in wanted.tables] == ["cars"]
    assert wanted.target == 0.98


def test_the_pydantic_example_prints_a_schema() -> None:
    done = subprocess.run([sys.executable, "-c", block("import json")], capture_output=True, text=True, check=True)
    body = json.loads(done.stdout)
    check_body(body)
    kinds = [field.kind.value for field in wanted_of(body).fields]
    assert kinds == ["text", "date", "money"]


def test_each_rule_that_is_shown_can_be_judged_under_a_built_in_schema() -> None:
    folder = ROOT / "storage" / "builtin_schemas"
    wanted = [wanted_of(json.loads((folder / f"{name}.json").read_text())) for name in ("invoice", "statement")]
    rules = block("subtotal + tax").splitlines()
    assert len(rules) == 6
    for rule in rules:
        refusals = []
        for one in wanted:
            try:
                parse_rule(rule, one)
            except InvalidSchema as refusal:
                refusals.append(refusal)
        assert len(refusals) < len(wanted), refusals
