"""Plans travel as JSON: what is written is read again, and what makes no sense is refused with a reason."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from core.errors import InvalidFilter, InvalidRequest
from storage import schemas
from storage.filters import Comparison, Op, parse_filter
from storage.record_values import fold
from storage.sums import Cut
from storage.wanted import Wanted
from workers.plans import Condition, Grouping, Intent, Plan, plan_from_dict, plan_schema, plan_to_dict

WANTED: dict[str, Wanted] = {name: schemas.wanted_of(body) for name, body in schemas._builtins().items()}
TEXTS = st.text(min_size=1, max_size=30)


@given(
    plan=st.builds(
        Plan,
        intent=st.sampled_from(Intent),
        schema=TEXTS,
        field=st.none() | TEXTS,
        where=st.lists(
            st.builds(
                Condition,
                field=TEXTS,
                op=st.sampled_from(Op),
                values=st.lists(TEXTS, max_size=3).map(tuple),
                currency=st.none() | TEXTS,
            ),
            max_size=3,
        ).map(tuple),
        by=st.none() | st.builds(Grouping, field=TEXTS, cut=st.sampled_from(Cut)),
        currency=st.none() | TEXTS,
        table=st.none() | TEXTS,
        limit=st.integers(1, 100),
    )
)
def test_a_plan_is_the_same_after_it_has_travelled(plan: Plan) -> None:
    assert plan_from_dict(json.loads(json.dumps(plan_to_dict(plan)))) == plan


@given(text=st.text(min_size=1, max_size=40))
def test_no_text_of_a_condition_is_taken_for_a_filter(text: str) -> None:
    condition = Condition("vendor_name", Op.EQUALS, ("a" + text,))
    parsed = parse_filter(condition.text, WANTED["invoice"])
    assert isinstance(parsed.node, Comparison)
    assert [operand.value for operand in parsed.node.operands] == [fold("a" + text)]


GOOD: list[dict[str, Any]] = [
    {"intent": "count", "schema": "invoice"},
    {"intent": "sum", "schema": "invoice", "field": "total", "by": {"field": "invoice_date", "cut": "month"}},
    {"intent": "sum", "schema": "invoice", "field": "line_items.amount", "table": "line_items"},
    {
        "intent": "largest",
        "schema": "invoice",
        "field": "total",
        "limit": 5,
        "currency": "EUR",
        "where": [{"field": "total", "op": ">=", "values": ["100"], "currency": "EUR"}],
    },
]
BAD: list[tuple[Any, str]] = [
    (None, "JSON object"),
    ([], "JSON object"),
    ({"intent": "count"}, "schema"),
    ({"intent": "drop", "schema": "invoice"}, "one of count, sum"),
    ({"intent": "count", "schema": "invoices"}, "did you mean invoice"),
    ({"intent": "count", "schema": "invoice", "sql": "DROP TABLE records"}, "no 'sql'"),
    ({"intent": "sum", "schema": "invoice", "field": "totl"}, "did you mean total"),
    ({"intent": "sum", "schema": "invoice", "field": "vendor_name"}, "added up"),
    ({"intent": "largest", "schema": "invoice", "field": "vendor_name"}, "smallest and a largest"),
    ({"intent": "count", "schema": "invoice", "by": {"field": "total", "cut": "value"}}, "cannot be grouped"),
    ({"intent": "count", "schema": "invoice", "by": {"field": "total", "cut": "century"}}, "one of value"),
    ({"intent": "count", "schema": "invoice", "table": "lines"}, "no table"),
    ({"intent": "count", "schema": "invoice", "limit": 0}, "between 1"),
    ({"intent": "count", "schema": "invoice", "limit": True}, "whole number"),
    ({"intent": "count", "schema": "invoice", "where": "total > 1"}, "a list"),
    ({"intent": "count", "schema": "invoice", "where": [{"field": "total", "op": ">", "values": []}]}, "takes 1"),
    ({"intent": "count", "schema": "invoice", "where": [{"field": "total", "op": "~*", "values": ["1"]}]}, "one of ="),
    (
        {"intent": "count", "schema": "invoice", "where": [{"field": "total", "op": ">", "values": ["a lot"]}]},
        "no number",
    ),
    ({"intent": "lookup", "schema": "invoice"}, "needs the field"),
]


@pytest.mark.parametrize("said", GOOD)
def test_a_plan_that_makes_sense_is_taken_and_fits_the_schema_of_plans(said: dict[str, Any]) -> None:
    assert plan_to_dict(plan_from_dict(said, WANTED)) == said
    Draft202012Validator(plan_schema(WANTED)).validate(said)


@pytest.mark.parametrize(("said", "reason"), BAD)
def test_a_plan_without_sense_is_refused_with_the_reason(said: Any, reason: str) -> None:
    with pytest.raises((InvalidRequest, InvalidFilter), match=reason.replace("*", r"\*")):
        plan_from_dict(said, WANTED)


def test_the_schema_of_plans_knows_no_field_that_is_not_there() -> None:
    schema = plan_schema({"invoice": WANTED["invoice"]})
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert not validator.is_valid({"intent": "sum", "schema": "invoice", "field": "totl"})
    assert not validator.is_valid({"intent": "count", "schema": "letter"})
