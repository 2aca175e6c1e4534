"""What a filter may say, and how one is refused that says something else."""

import pytest

from core.errors import InvalidColumn, InvalidFilter
from storage import schemas
from storage.columns import choose_columns
from storage.filters import AllOf, AnyOf, Comparison, NoneOf, parse_filter
from storage.sorting import parse_sort
from tests.storage.records_world import BODY

WANTED = schemas.wanted_of(BODY)


def refused(text: str) -> InvalidFilter:
    with pytest.raises(InvalidFilter) as caught:
        parse_filter(text, WANTED)
    return caught.value


def test_and_binds_closer_than_or_and_not_closest() -> None:
    node = parse_filter("paid or not paid and total = 1", WANTED).node
    assert isinstance(node, AnyOf)
    assert isinstance(node.nodes[1], AllOf)
    assert isinstance(node.nodes[1].nodes[0], NoneOf)
    assert isinstance(parse_filter("NOT (paid OR total>=-1.5e3 EUR)", WANTED).node, NoneOf)


def test_words_of_filters_may_be_literals_and_names_of_fields() -> None:
    assert isinstance(parse_filter("vendor_name = and and vendor_name in (or, in, 'x and y')", WANTED).node, AllOf)
    body = {"type": "object", "properties": {name: {"type": "string"} for name in ("in", "is", "pages", "confidence")}}
    wanted = schemas.wanted_of(body)
    assert isinstance(
        parse_filter("in = 1 and is is found and confidence ~ x and confidence(is) > 0", wanted).node, AllOf
    )
    own, field = (parse_filter(text, wanted).node for text in ("@pages = 1", "pages = 1"))
    assert isinstance(own, Comparison)
    assert isinstance(field, Comparison)
    assert (own.subject.field, field.subject.field) == ("", "pages")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("", 0),
        ("total", 0),
        ("total =", 7),
        ("total = 1 and", 13),
        ("total = 1 total = 2", 10),
        ("total = 1,204.00", 9),
        ("total = 1 -- comment", 10),
        ("total = 1; drop table records", 11),
        ("total = 1' or '1'='1", 9),
        ("vendor_name = 'open", 14),
        ("vendor_name ~ acme corp", 19),
        ("vendor_name ~ ''", 14),
        ('vendor_name = ""', 14),
        ("totl = 1", 0),
        ("paid and confidence(nothing) > 0", 20),
        ("total = abc", 8),
        ("total = nan", 8),
        ("total = 1e999", 8),
        ("total = ١٢", 8),
        ("vendor_name = a EUR", 14),
        ("invoice_date = 2024-02-30", 15),
        ("invoice_date = 20240101", 15),
        ("paid = perhaps", 7),
        ("paid < true", 5),
        ("status > open", 7),
        ("status = opn", 9),
        ("status between a and b", 0),
        ("total is lost", 9),
        ("pages is found", 0),
        ("pages ~ 1", 8),
        ("updated_at = yesterday", 13),
        ("updated_at <= 9999-12-31", 14),
        ("line_items = 1", 0),
        ("line_items[0].amount = 1", 10),
        ("SELECT 1", 7),
        ("vendor_name LIKE x", 12),
        ("()", 1),
        ("\0", 0),
    ],
)
def test_a_fault_is_told_with_its_place(text: str, at: int) -> None:
    error = refused(text)
    assert error.facts["at"] == at
    assert error.detail.endswith((".", "?"))


def test_names_that_come_near_are_suggested() -> None:
    assert refused("vendr_name = x").facts["near"] == ["vendor_name"]
    assert str(refused("amount = 1").facts["near"]).startswith("['line_items.amount'")
    assert refused("Total = 1").facts["near"] == ["total"]
    assert "Closed" in refused("status = closd").detail
    with pytest.raises(InvalidColumn, match="did you mean total"):
        parse_sort("-totl", WANTED)
    with pytest.raises(InvalidColumn, match=r"line_items\.amount"):
        choose_columns("line_item.amount", WANTED)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 1000 + "paid" + ")" * 1000,
        "(" * 4_000,
        "not " * 1000 + "paid",
        "not (" * 900 + "paid" + ")" * 900,
        " or ".join(["paid"] * 1000),
        f"count in ({', '.join(['1'] * 2000)})",
        "paid or " * 12_500,
        "x" * 100_000,
        '"' + "\\" * 9_000,
        "`" * 9_999,
        " " * 100_000,
    ],
)
def test_a_filter_that_is_too_large_or_too_deep_is_refused(text: str) -> None:
    assert refused(text).detail


def test_thirty_parentheses_are_not_too_deep() -> None:
    assert isinstance(parse_filter("(" * 30 + "paid" + ")" * 30, WANTED).node, Comparison)


def test_columns_come_in_the_order_in_which_they_are_named() -> None:
    chosen = choose_columns("vendor_name, total,line_items.amount,`order No-1`,total", WANTED)
    assert [field.path for field in chosen.fields] == ["vendor_name", "total", "order No-1"]
    assert [[field.path for field in table.fields] for table in chosen.tables] == [["amount"]]
    assert choose_columns(" , ", WANTED) == WANTED
    assert len(choose_columns("line_items", WANTED).tables[0].fields) == 3
