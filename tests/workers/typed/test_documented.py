"""The table of docs/typed-values.md."""

import json
import re
from pathlib import Path

import pytest

from core.records import FieldKind
from workers.typed import read_value

PAGE = Path(__file__).parents[3] / "docs" / "typed-values.md"
ROW = re.compile(r"^\| (\w+) \| `(.+?)` \| `(.+?)` \|(?: `(.+?)`)? \|$", re.MULTILINE)
ROWS = ROW.findall(PAGE.read_text("utf-8"))


@pytest.mark.parametrize(("kind", "raw", "value", "problem"), ROWS)
def test_a_text_means_what_the_documentation_says(kind: str, raw: str, value: str, problem: str) -> None:
    typed = read_value(raw, FieldKind(kind))
    assert (typed.value, typed.problem) == (json.loads(value), problem or None)


def test_every_kind_is_documented() -> None:
    assert {kind for kind, *_ in ROWS} | {"choice"} == set(FieldKind)
