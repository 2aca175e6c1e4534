"""Counts and sums are exact: in SQL, on both databases, what plain Python says; each document once; nothing is lost."""

import copy
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from storage import cited, few, sums
from storage.filters import parse_filter
from storage.record_values import fold
from storage.subjects import fields_by_path
from storage.sums import MILLION, Asked, Cut, Standing, Version
from storage.tables import RecordValue
from tests.storage.records_world import BODY, Archive, archive_in
from tests.storage.world import World

Said: TypeAlias = dict[str, Any]
Truth: TypeAlias = tuple[bool, bool]  # certainly, and possibly

AMOUNTS = ["-5 EUR", "0.1 EUR", "0.30 EUR", "99.99 USD", "1000", "9000000000000.5 EUR", "0.000001 USD"]
VENDORS = ["Acme", "ACME  Ltd", "Müller & Söhne", "O'Neil 100%"]
DAYS = ["1999-12-31", "2024-01-31", "2024-02-01", "2024-12-31"]
UNREADABLE = {"typed": None, "raw": "smudge", "problem": "not-an-amount"}


def later_body() -> dict[str, Any]:
    """A second version, which asks for one thing more."""
    body = copy.deepcopy(BODY)
    body["properties"]["note"] = {"type": "string"}
    return body


def records() -> list[tuple[int, Said]]:
    """Twenty-four records under version 1, or 2, or different ones under both."""
    dice = random.Random(11)
    made = []
    for number in range(24):
        said: Said = {
            "total": dice.choice([None, dict(UNREADABLE), *AMOUNTS]),
            "tax": dice.choice([None, "0.1", "7", "-3.25"]),
            "vendor_name": dice.choice([None, *VENDORS]),
            "invoice_date": dice.choice([None, {"typed": None, "raw": "soon", "problem": "not-a-date"}, *DAYS]),
        }
        said["line_items"] = [{"amount": dice.choice([None, *AMOUNTS])} for _ in range(dice.randrange(3))]
        if number % 7 == 0:
            said = {"line_items": []}
        made.append((number, said))
    return made


@dataclass(frozen=True)
class Stock:
    """The archives of both versions, and what each document's latest record says."""

    archives: tuple[Archive, Archive]
    said: Mapping[str, tuple[int, Said]]  # by document: version, and what its record says

    def asked(self, where: str | None = None, field: str | None = None, **more: Any) -> Asked:
        """A question over both versions."""
        versions = []
        for number, archive in ((2, self.archives[1]), (1, self.archives[0])):
            condition = None if where is None else parse_filter(where, archive.wanted)
            versions.append(Version(archive.schema_id, number, condition))
        fields = fields_by_path(self.archives[1].wanted)
        by = more.pop("by", None)
        table = tuple(path for path, subject in fields.items() if subject.cell) if more.pop("rows", False) else ()
        workspace_id = self.archives[0].world.workspace_id
        subject = fields[field] if field else None
        return Asked(workspace_id, tuple(versions), field=subject, by=fields[by] if by else None, columns=table, **more)


@pytest.fixture(params=[0, few.FEW_TO_ADD], ids=["many", "few"])
def stock(request: pytest.FixtureRequest, world: World, monkeypatch: pytest.MonkeyPatch) -> Stock:
    """Documents with a record under the first version, under the second, or under both.

    Once all are added up, once those alone that a rare comparison leaves.
    """
    monkeypatch.setattr(few, "FEW_TO_ADD", request.param)
    first, second = archive_in(world), archive_in(world, body=later_body())
    said = {}
    for number, values in records():
        document_id = world.add(1, draw=False, name=f"{number:02}")
        newer = number % 3 != 0
        if number % 3 != 1:
            older = {"total": "77 EUR", "vendor_name": "Acme", "line_items": [{"amount": "1 EUR"}]} if newer else values
            first.say(document_id, **copy.deepcopy(older))
        if newer:
            second.say(document_id, **copy.deepcopy(values))
        said[document_id] = (2 if newer else 1, values)
    return Stock((first, second), said)


def amount_of(value: Any) -> tuple[Decimal, str | None] | None:
    """An amount and its currency as they were said; None where nothing can be counted with."""
    if not isinstance(value, str):
        return None
    number, _, currency = value.partition(" ")
    return Decimal(number), currency or None


def known(said: Said, field: str) -> list[Any]:
    """What can be compared under a field."""
    if field == "line_items.amount":
        return [a for row in said.get("line_items", ()) if (a := amount_of(row["amount"])) is not None]
    value = said.get(field)
    if field in {"total", "tax"}:
        found = amount_of(value)
        return [] if found is None else [found]
    if field == "invoice_date":
        return [value] if isinstance(value, str) else []
    return [fold(value)] if isinstance(value, str) else []


def comparison(field: str, passes: Callable[[Any], bool], *, currency: bool = False) -> Callable[[Said], Truth]:
    """Three-valued: what is not there may be anything; an amount without a currency may be in any."""

    def truth(said: Said) -> Truth:
        values = known(said, field)
        says = [v for v in values if not currency or v[1] is not None]
        certain = any(passes(v) for v in values)
        return certain, certain or not says

    return truth


CONDITIONS: list[tuple[str, Callable[[Said], Truth]]] = [
    ("total >= 0.3", comparison("total", lambda v: v[0] >= Decimal("0.3"))),
    ("total < 1000 EUR", comparison("total", lambda v: v[0] < 1000 and v[1] == "EUR", currency=True)),
    ("tax > 0", comparison("tax", lambda v: v[0] > 0)),
    ("vendor_name ~ acme", comparison("vendor_name", lambda v: "acme" in v)),
    ('vendor_name in ("acme", "o\'neil 100%")', comparison("vendor_name", lambda v: v in {"acme", "o'neil 100%"})),
    (
        "invoice_date between 2024-01-01 and 2024-06-30",
        comparison("invoice_date", lambda v: "2024-01" <= v < "2024-07"),
    ),
    ("line_items.amount > 1", comparison("line_items.amount", lambda v: v[0] > 1)),
]


@st.composite
def wheres(draw: st.DrawFn) -> tuple[str | None, Callable[[Said], Truth]]:
    parts = draw(st.lists(st.sampled_from(CONDITIONS), max_size=3))
    if not parts:
        return None, lambda _: (True, True)
    sign = draw(st.sampled_from(["and", "or", "not"]))
    if sign == "not":
        text, truth = parts[0]
        return f"not ({text})", lambda s: (not truth(s)[1], not truth(s)[0])
    join = all if sign == "and" else any
    text = f" {sign} ".join(f"({part})" for part, _ in parts)
    return text, lambda s: (join(t(s)[0] for _, t in parts), join(t(s)[1] for _, t in parts))


KEYS: dict[tuple[str, Cut] | None, Callable[[Said], str | None]] = {
    None: lambda _: None,
    ("vendor_name", Cut.VALUE): lambda s: next(iter(known(s, "vendor_name")), None),
    ("invoice_date", Cut.MONTH): lambda s: next((d[:7] for d in known(s, "invoice_date")), None),
    ("invoice_date", Cut.QUARTER): lambda s: next(
        (f"{d[:4]}-Q{int(d[5:7]) // 4 + 1}" for d in known(s, "invoice_date")), None
    ),
    ("invoice_date", Cut.YEAR): lambda s: next((d[:4] for d in known(s, "invoice_date")), None),
    ("total", Cut.CURRENCY): lambda s: next((a[1] for a in known(s, "total")), None),
}


def standing(said: Said, truth: Truth, field: str | None, by: tuple[str, Cut] | None) -> Standing | None:
    certain, possible = truth
    if not possible:
        return None
    if not any(value is not None for key, value in said.items() if key != "line_items") and not said["line_items"]:
        return Standing.EMPTY
    if not certain:
        return Standing.UNDECIDED
    for name in (field, by and by[0]):
        if name is not None and not known(said, name):
            return Standing.MISSING if said.get(name) is None else Standing.UNREADABLE
    return Standing.COUNTS


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    where=wheres(),
    field=st.sampled_from([None, "total", "tax"]),
    by=st.sampled_from(list(KEYS)),
    scope=st.none() | st.sets(st.integers(0, 23)),
)
def test_a_sum_in_sql_is_the_sum_in_python_and_every_document_counts_once(
    where: tuple[str | None, Callable[[Said], Truth]],
    field: str | None,
    by: tuple[str, Cut] | None,
    scope: set[int] | None,
    stock: Stock,
) -> None:
    text, truth = where
    chosen = list(stock.said) if scope is None else [d for n, d in enumerate(stock.said) if n in scope]
    rows: Counter[Any] = Counter()
    added: dict[Any, Decimal] = defaultdict(Decimal)
    for document in chosen:
        said = stock.said[document][1]
        stands = standing(said, truth(said), field, by)
        if stands is None:
            continue
        amount = known(said, field)[0] if field and known(said, field) else None
        key = (stands, KEYS[by](said), amount[1] if amount and field == "total" else None)
        rows[key] += 1
        if amount and stands is Standing.COUNTS:
            added[key] += amount[0]
    asked = stock.asked(
        text, field, document_ids=None if scope is None else chosen, by=by and by[0], cut=by[1] if by else Cut.VALUE
    )
    with stock.archives[0].world.sessions() as session:
        tallies = sums.tally(session, asked)
        found: Counter[Any] = Counter()
        sums_found: dict[Any, Decimal] = defaultdict(Decimal)
        for one in tallies:
            key = (one.standing, one.key, one.currency)
            found[key] += one.rows
            if one.standing is Standing.COUNTS and one.millionths is not None:
                sums_found[key] += Decimal(one.millionths) / MILLION
        counting = list(everything(session, asked))
    assert found == rows
    assert {k: v for k, v in sums_found.items() if k in added} == dict(added)
    assert len({row.document_id for row in counting}) == len(counting) == found_of(found, Standing.COUNTS)


def found_of(found: Counter[Any], wanted: Standing) -> int:
    return sum(count for (stands, *_), count in found.items() if stands is wanted)


def everything(session: Any, asked: Asked) -> Iterator[cited.Row]:
    """All rows that count, part by part."""
    cursor = None
    while True:
        part = cited.list_rows(session, asked, cursor=cursor, limit=9)
        yield from part.items
        cursor = part.next_cursor
        if cursor is None:
            return


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(least=st.sampled_from(["-10", "0.3", "500", "99999999999999"]))
def test_rows_of_a_table_are_added_one_by_one(least: str, stock: Stock) -> None:
    added: dict[str | None, Decimal] = defaultdict(Decimal)
    rows = 0
    for _, said in stock.said.values():
        for row in said["line_items"]:
            amount = amount_of(row["amount"])
            if amount is not None and amount[0] > Decimal(least):
                added[amount[1]] += amount[0]
                rows += 1
    with stock.archives[0].world.sessions() as session:
        asked = stock.asked(f"line_items.amount > {least}", "line_items.amount", rows=True)
        tallies = [one for one in sums.tally(session, asked) if one.standing is Standing.COUNTS]
        cells = list(everything(session, asked))
    assert {one.currency: Decimal(one.millionths or 0) / MILLION for one in merged(tallies)} == dict(added)
    assert len(cells) == len({(c.record_id, c.row) for c in cells}) == rows


def merged(tallies: list[sums.Tally]) -> list[sums.Tally]:
    """Those of both versions together."""
    together: dict[str | None, sums.Tally] = {}
    for one in tallies:
        known_already = together.get(one.currency)
        together[one.currency] = (
            one
            if known_already is None
            else sums.Tally(
                **{
                    **{name: getattr(one, name) for name in sums.Tally.__slots__},
                    "millionths": (one.millionths or 0) + (known_already.millionths or 0),
                }
            )
        )
    return list(together.values())


def test_sums_beyond_what_a_database_adds_are_exact(world: World) -> None:
    archive = archive_in(world)
    for number in range(12):
        archive.add(f"{number}", total="9000000000000.000001 EUR")
    with world.sessions() as session:
        asked = Asked(
            world.workspace_id, (Version(archive.schema_id, 1),), field=fields_by_path(archive.wanted)["total"]
        )
        (tally,) = sums.tally(session, asked)
    assert Decimal(tally.millionths or 0) / MILLION == Decimal("108000000000000.000012")


def test_records_behind_the_wall_count_for_nobody_else(world: World, other: World) -> None:
    mine, theirs = archive_in(world), archive_in(other)
    mine.add("a", total="1 EUR")
    theirs.add("b", total="2 EUR")
    with world.sessions() as session:
        asked = Asked(world.workspace_id, (Version(mine.schema_id, 1), Version(theirs.schema_id, 1)))
        assert [one.rows for one in sums.tally(session, asked)] == [1]


def test_a_record_whose_values_have_no_rows_is_told_as_empty_whatever_is_asked(world: World) -> None:
    archive = archive_in(world)
    archive.add("a", total="1 EUR", vendor_name="Acme")
    stale = archive.add("b", total="2 EUR", vendor_name="Acme")
    with world.sessions.begin() as session:
        session.execute(delete(RecordValue).where(RecordValue.document_id == stale))
    for where in (None, "vendor_name = acme", "vendor_name = nobody", "not total = 1"):
        condition = parse_filter(where, archive.wanted) if where else None
        asked = Asked(world.workspace_id, (Version(archive.schema_id, 1, condition),))
        with world.sessions() as session:
            assert [one.rows for one in sums.tally(session, asked) if one.standing is Standing.EMPTY] == [1]


def test_a_scope_of_thousands_of_documents_is_one_question(world: World) -> None:
    archive = archive_in(world)
    wanted = archive.add("a", total="1 EUR")
    archive.add("b", total="2 EUR")
    scope = [wanted, *(f"{number:032x}" for number in range(70_000))]
    with world.sessions() as session:
        asked = Asked(world.workspace_id, (Version(archive.schema_id, 1),), scope)
        assert [one.rows for one in sums.tally(session, asked)] == [1]
