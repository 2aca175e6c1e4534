"""Filters mean the same in SQL, on both databases and by either way of finding records, as in plain Python."""

import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import few
from storage.record_values import fold
from tests.storage.records_world import Archive, archive_in
from tests.storage.world import World

Said: TypeAlias = Mapping[str, Any]
Asked: TypeAlias = tuple[str, Callable[[Said], bool]]  # a filter as it is written, and what it means

AMOUNTS = ["-5", "0", "0.1", "0.30", "99.99", "1000", "1000000000000.5"]
TEXTS = [
    "Acme",
    "acme ltd",
    "ACME  Ltd",
    "Müller & Söhne",
    "STRASSE",
    "Straße",
    "100%",
    "a_b",
    "O'Neil",
    'say "x"',
    "\\",
]
DAYS = ["1999-12-31", "2024-01-31", "2024-02-01"]
SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def records() -> list[dict[str, Any]]:
    """Thirty records, of which some lack some values."""
    dice = random.Random(7)
    made = []
    for _ in range(30):
        said: dict[str, Any] = {
            "tax": dice.choice([None, *AMOUNTS]),
            "vendor_name": dice.choice([None, *TEXTS]),
            "invoice_date": dice.choice([None, *DAYS]),
            "paid": dice.choice([None, True, False]),
        }
        rows = dice.randrange(4)
        said["line_items"] = [{"amount": dice.choice([None, *AMOUNTS])} for _ in range(rows)]
        made.append(said)
    return made


RECORDS = records()


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def values_of(said: Said, field: str) -> list[Any]:
    """What a record has under a field, as it is compared."""
    if field == "line_items.amount":
        return [float(row["amount"]) for row in said["line_items"] if row["amount"] is not None]
    value = said[field]
    if value is None:
        return []
    return [float(value) if field == "tax" else fold(value) if field == "vendor_name" else value]


def literal_of(field: str, text: str) -> tuple[str, Any]:
    """How a literal is written, and the value that it stands for."""
    if field in {"tax", "line_items.amount"}:
        return text, float(text)
    return (quoted(text), fold(text)) if field == "vendor_name" else (text, text)


LITERALS = {"tax": AMOUNTS, "line_items.amount": AMOUNTS, "vendor_name": TEXTS, "invoice_date": DAYS}


@st.composite
def comparisons(draw: st.DrawFn) -> Asked:
    field = draw(st.sampled_from(sorted(LITERALS)))
    written = [literal_of(field, draw(st.sampled_from(LITERALS[field]))) for _ in range(2)]
    (text, value), (other_text, other) = written
    sign = draw(st.sampled_from(sorted(SIGNS)))
    part = draw(st.sampled_from(["acme", "ß", "ss", "%", "_", "'", '"', "\\", "ü", "  L"]))
    ways: list[Asked] = [
        (f"{field} {sign} {text}", lambda s: any(SIGNS[sign](v, value) for v in values_of(s, field))),
        (f"{field} in ({text}, {other_text})", lambda s: any(v in {value, other} for v in values_of(s, field))),
        (f"{field} not in ({text})", lambda s: any(v != value for v in values_of(s, field))),
        (f"{field} between {text} and {other_text}", lambda s: any(value <= v <= other for v in values_of(s, field))),
        (f"{field} not between {text} and {text}", lambda s: any(v != value for v in values_of(s, field))),
        (f"{field} is found", lambda s: bool(values_of(s, field))),
        (f"vendor_name ~ {quoted(part)}", lambda s: any(fold(part) in v for v in values_of(s, "vendor_name"))),
        ("paid", lambda s: s["paid"] is True),
    ]
    return draw(st.sampled_from(ways))


def joined(parts: list[Asked]) -> Asked:
    return " AND ".join(f"({text})" for text, _ in parts), lambda s: all(means(s) for _, means in parts)


def either(parts: list[Asked]) -> Asked:
    return " or ".join(f"({text})" for text, _ in parts), lambda s: any(means(s) for _, means in parts)


def turned(part: Asked) -> Asked:
    return f"not ({part[0]})", lambda s: not part[1](s)


FILTERS: st.SearchStrategy[Asked] = st.recursive(
    comparisons(),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(joined),
        st.lists(inner, min_size=2, max_size=3).map(either),
        inner.map(turned),
    ),
    max_leaves=6,
)


WAYS: dict[str, dict[str, Any]] = {
    "many": {"FEW": 0, "SOME": 0},
    "some": {"FEW": 0},
    "few": {},
    "texts one by one": {"_SOUNDED": 1, "_ROWS_A_JUMP": defaultdict(lambda: 1)},
    "texts in all rows": {"_SOUNDED": 1, "_ROWS_A_JUMP": defaultdict(lambda: 1_000)},
}


@pytest.fixture(params=list(WAYS.values()), ids=list(WAYS))
def archive(request: pytest.FixtureRequest, world: World, monkeypatch: pytest.MonkeyPatch) -> Archive:
    """All records under their numbers; the order leads, past what a comparison leaves, or that alone is sorted."""
    for name, value in request.param.items():
        monkeypatch.setattr(few, name, value)
    archive = archive_in(world)
    for number, said in enumerate(RECORDS):
        archive.add(f"{number:02}", **said)
    return archive


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=FILTERS, sort=st.sampled_from([None, "tax", "-vendor_name,invoice_date"]))
def test_a_filter_means_in_sql_what_it_means_in_python(asked: Asked, sort: str | None, archive: Archive) -> None:
    text, means = asked
    expected = [f"{number:02}" for number, said in enumerate(RECORDS) if means(said)]
    assert sorted(archive.find(text, sort, limit=7)) == expected
