"""Rules between values: which hold, which are broken, and which cannot be judged."""

from typing import Any

import pytest

from core.errors import InvalidSchema
from core.records import TypedValue
from storage.rule_texts import parse_rule
from storage.rules import broken_rules
from storage.schemas import wanted_of

MONEY = {"type": "string", "format": "money"}
DATE = {"type": "string", "format": "date"}
WANTED = wanted_of(
    {
        "type": "object",
        "properties": {
            "subtotal": MONEY,
            "tax": MONEY,
            "total": MONEY,
            "pieces": {"type": "integer"},
            "issued": DATE,
            "due": DATE,
            "note": {"type": "string"},
            "net-sum": MONEY,
            "sum": MONEY,
            "lines": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"count": {"type": "number"}, "price": MONEY, "amount": MONEY, "day": DATE},
                },
            },
            "fees": {"type": "array", "items": MONEY},
        },
    }
)


def money(amount: str, currency: str | None = "EUR") -> TypedValue:
    return TypedValue({"amount": amount, "currency": currency})


def line(**cells: str) -> dict[str, TypedValue]:
    return {name: TypedValue(float(text)) if name == "count" else money(text) for name, text in cells.items()}


def flags(check: str, rows: list[dict[str, TypedValue]] | None = None, **values: TypedValue) -> list[dict[str, Any]]:
    tables = {} if rows is None else {"lines": rows}
    return broken_rules([parse_rule(check, WANTED)], values, tables)


def test_a_rule_that_holds_flags_nothing_and_a_broken_one_tells_both_sides() -> None:
    values = {"subtotal": money("100.00"), "tax": money("19.00"), "total": money("119.00")}
    assert flags("subtotal + tax = total", None, **values) == []
    values["total"] = money("119.01")
    assert flags("subtotal + tax = total", None, **values) == [
        {
            "rule": "subtotal + tax = total",
            "fields": ["subtotal", "tax", "total"],
            "detail": "subtotal + tax = total does not hold: 119.00 EUR on the left, 119.01 EUR on the right.",
        }
    ]


def test_amounts_are_added_exactly_however_many_there_are() -> None:
    rows = [line(amount="0.10")] * 3_000
    assert flags("sum(lines.amount) = subtotal", rows, subtotal=money("300.00")) == []
    assert len(flags("sum(lines.amount) = subtotal", rows, subtotal=money("300.01"))) == 1


def test_a_rule_about_what_was_not_found_or_means_nothing_is_not_judged() -> None:
    unclear = TypedValue(None, "not-an-amount")
    assert flags("subtotal + tax = total", subtotal=money("1.00"), total=money("9.00")) == []
    assert flags("subtotal + tax = total", subtotal=money("1.00"), tax=unclear, total=money("9.00")) == []
    assert flags("sum(lines.amount) = total", None, total=money("9.00")) == []
    assert flags("sum(lines.amount) = total", [], total=money("9.00")) == []
    assert flags("sum(lines.amount) = total", [{"amount": unclear}], total=money("9.00")) == []
    assert flags("count(lines) > 0") == []


def test_an_empty_cell_of_a_sum_counts_nothing() -> None:
    rows = [line(amount="4.00"), line(count="2")]
    assert flags("sum(lines.amount) = total", rows, total=money("4.00")) == []


def test_amounts_in_two_currencies_break_a_rule_and_an_unsaid_one_does_not() -> None:
    clash = flags("subtotal = total", subtotal=money("1.00", "USD"), total=money("1.00", "EUR"))
    assert clash[0]["detail"] == "subtotal = total cannot hold: the amounts are in EUR and USD."
    assert flags("subtotal = total", subtotal=money("1.00", None), total=money("1.00", "EUR")) == []


def test_dates_are_compared_by_the_calendar() -> None:
    early, late = TypedValue("2024-12-31"), TypedValue("2025-01-02")
    assert flags("due >= issued", due=late, issued=early) == []
    broken = flags("due >= issued", due=early, issued=late)
    assert broken[0]["fields"] == ["due", "issued"]
    assert "2024-12-31" in broken[0]["detail"]
    assert flags("due >= issued", due=TypedValue(None, "ambiguous-date", ("x", "y")), issued=late) == []


def test_a_rule_about_columns_is_judged_in_each_row_and_gives_way_to_rounding() -> None:
    rows = [
        line(count="3", price="1.25", amount="3.75"),
        line(count="0.333", price="9.99", amount="3.33"),  # 3.32667, printed to the cent
        line(count="2", price="1.25", amount="2.51"),
        line(price="1.25", amount="9.00"),
    ]
    broken = flags("lines.count * lines.price = lines.amount", rows)
    assert [flag["fields"] for flag in broken] == [["lines[2].count", "lines[2].price", "lines[2].amount"]]
    assert broken[0]["detail"].startswith("Row 3: ")


def test_a_rule_broken_in_very_many_rows_is_told_in_few() -> None:
    broken = flags("lines.amount > 0", [line(amount="-1.00")] * 500)
    assert len(broken) == 21
    assert "480 more rows" in broken[-1]["detail"]


@pytest.mark.parametrize(
    ("check", "holds"),
    [
        ("total = 10", True),
        ("total == 10.00", True),
        ("total != 10", False),
        ("total < 10", False),
        ("total <= 10", True),
        ("total > 9.99", True),
        ("-total = 0 - 10", True),
        ("2 * (total - tax) = 16", True),
        ("total - tax - tax = 6", True),
        ("pieces = count(lines)", True),
        ("`net-sum` = 8", True),
        ("`net-sum`+tax=total", True),
        ("sum = 7", True),
        ("sum + sum(lines.amount) = 17", True),
        ("sum(fees) = 1", True),
        ("lines.amount <= total", True),
    ],
)
def test_the_language_of_rules(check: str, holds: bool) -> None:  # noqa: FBT001 - a column of the table above
    values = {
        "total": money("10.00"),
        "tax": money("2.00"),
        "net-sum": money("8.00"),
        "sum": money("7.00"),
        "pieces": TypedValue(2),
    }
    tables = {
        "lines": [line(amount="4.00"), line(amount="6.00")],
        "fees": [{"value": money("0.40")}, {"value": money("0.60")}],
    }
    assert (broken_rules([parse_rule(check, WANTED)], values, tables) == []) is holds


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ("", "its end"),
        ("total", "its end"),
        ("total =", "its end"),
        ("total = tax = subtotal", "'= subtotal'"),
        ("total ; drop", "'; drop'"),
        ("totl = tax", "is total meant?"),
        ("sum(lines.amout) = total", "is lines.amount meant?"),
        ("sum(total) = tax", "does not have"),
        ("count(total) = 1", "does not have"),
        ("note = total", "kind text"),
        ("issued + 1 > due", "compared with a date only"),
        ("issued = total", "compared with a date only"),
        ("1 = 1", "names no field"),
        ("lines.amount = fees.value", "different tables"),
        ("total = " + "(" * 600, "at most 600"),
    ],
)
def test_a_rule_that_says_nothing_that_can_be_judged_is_refused(check: str, said: str) -> None:
    with pytest.raises(InvalidSchema) as refusal:
        parse_rule(check, WANTED)
    assert said in refusal.value.detail


@pytest.mark.parametrize("monstrous", ["NaN", "Infinity", "1e400", "", "ten"])
def test_what_is_no_amount_is_not_judged(monstrous: str) -> None:
    assert flags("total = tax", total=money(monstrous), tax=money("1.00")) == []
