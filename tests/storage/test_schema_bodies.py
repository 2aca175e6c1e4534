"""Bodies of schemas: what Pydantic and people write, and the pointer of what cannot be read."""

import datetime as dt
import enum
import json
from decimal import Decimal
from typing import Annotated, Any, Literal, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from core.errors import InvalidSchema
from core.records import FieldKind, TypedValue
from storage.rules import broken_rules
from storage.schemas import check_body, wanted_of


def of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def rows(**properties: Any) -> dict[str, Any]:
    return {"type": "array", "items": of(**properties)}


def wishing(**wishes: Any) -> dict[str, Any]:
    return {**of(total=MONEY, tax=MONEY, lines=rows(amount=MONEY)), "folioscope": wishes}


TEXT = {"type": "string"}
MONEY = {"type": "string", "format": "money"}


def fault_of(body: object) -> tuple[str, str]:
    with pytest.raises(InvalidSchema) as refusal:
        check_body(body)
    pointer = str(refusal.value.facts["pointer"])
    assert pointer in refusal.value.detail
    return pointer, refusal.value.detail


@pytest.mark.parametrize(
    ("leaf", "kind"),
    [
        (TEXT, FieldKind.TEXT),
        ({"type": "number"}, FieldKind.NUMBER),
        ({"type": "integer"}, FieldKind.INTEGER),
        ({"type": "boolean"}, FieldKind.BOOLEAN),
        ({"type": "string", "format": "date"}, FieldKind.DATE),
        (MONEY, FieldKind.MONEY),
        ({"type": "number", "format": "money"}, FieldKind.MONEY),
        ({"type": "string", "format": "iban"}, FieldKind.IBAN),
        ({"type": "string", "format": "vat"}, FieldKind.VAT),
        ({"type": "string", "format": "email"}, FieldKind.EMAIL),
        ({"type": "string", "format": "phone"}, FieldKind.PHONE),
        ({"type": "string", "format": "country"}, FieldKind.COUNTRY),
        ({"type": "string", "format": "uri"}, FieldKind.TEXT),
        ({"type": "number", "format": "float"}, FieldKind.NUMBER),
        ({"enum": ["a", "b", None]}, FieldKind.CHOICE),
        ({"type": "integer", "enum": [1, 2]}, FieldKind.CHOICE),
        ({"const": "only"}, FieldKind.CHOICE),
    ],
)
def test_type_and_format_say_what_a_value_is(leaf: dict[str, Any], kind: FieldKind) -> None:
    check_body(of(it=leaf))
    assert [field.kind for field in wanted_of(of(it=leaf)).fields] == [kind]


class Currency(enum.Enum):
    EURO = "EUR"
    DOLLAR = "USD"


class Party(BaseModel):
    name: str = Field(title="Name", examples=["Acme Ltd"])
    country: Annotated[str, Field(json_schema_extra={"format": "country"})] = "DE"


class Line(BaseModel):
    what: str
    count: int | None = None
    amount: Decimal


class Bill(BaseModel):
    """A bill."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "folioscope": {"rules": ["sum(lines.amount) = total"], "target": 0.98, "verify": False, "text_layer": False}
        },
    )

    number: str = Field(pattern="^[A-Z]", max_length=20)
    issued: dt.date
    due: dt.date | None = Field(default=None, description="When it is to be paid.")
    total: Decimal = Field(description="All in all.", gt=0)
    rate: Optional[float] = None  # noqa: UP045 - as many still write it
    paid: bool = False
    currency: Currency
    kind: Literal["bill", "reminder"] = "bill"
    seller: Party
    buyer: Party | None = None
    lines: Annotated[list[Line], Field(min_length=1)]
    notes: list[str] = []
    tags: set[str] | None = None


def test_a_pydantic_model_is_read_as_it_describes_itself() -> None:
    body = json.loads(json.dumps(Bill.model_json_schema()))
    check_body(body)
    wanted = wanted_of(body)
    assert {field.path: field.kind for field in wanted.fields} == {
        "number": FieldKind.TEXT,
        "issued": FieldKind.DATE,
        "due": FieldKind.DATE,
        "total": FieldKind.NUMBER,
        "rate": FieldKind.NUMBER,
        "paid": FieldKind.BOOLEAN,
        "currency": FieldKind.CHOICE,
        "kind": FieldKind.CHOICE,
        "seller.name": FieldKind.TEXT,
        "seller.country": FieldKind.COUNTRY,
        "buyer.name": FieldKind.TEXT,
        "buyer.country": FieldKind.COUNTRY,
    }
    assert {table.path: [(c.path, c.kind) for c in table.fields] for table in wanted.tables} == {
        "lines": [("what", FieldKind.TEXT), ("count", FieldKind.INTEGER), ("amount", FieldKind.NUMBER)],
        "notes": [("value", FieldKind.TEXT)],
        "tags": [("value", FieldKind.TEXT)],
    }
    assert [rule.name for rule in wanted.rules] == ["sum(lines.amount) = total", "count(lines) >= 1", "total > 0"]
    assert (wanted.target, wanted.verify, wanted.layer) == (0.98, False, False)
    due, currency, name = (wanted.find(path) for path in ("due", "currency", "seller.name"))
    assert due is not None
    assert due.description == "When it is to be paid."
    assert currency is not None
    assert currency.choices == ("EUR", "USD")
    assert name is not None
    assert name.value_schema == {"type": "string", "examples": ["Acme Ltd"]}


def test_a_model_of_pydantic_before_2_9_is_read_with_what_its_fields_say_of_models() -> None:
    defs = {
        "Currency": {"enum": ["EUR", "USD"], "title": "Currency", "type": "string"},
        "Party": of(name={"title": "Name", "type": "string"}) | {"description": "Anybody."},
    }
    party, currency = [{"$ref": "#/$defs/Party"}], [{"$ref": "#/$defs/Currency"}]
    body = {
        **of(
            currency={"allOf": currency, "default": "EUR", "description": "What it is paid in."},
            seller={"allOf": party, "description": "Who sells."},
            heirs={"type": "array", "items": {"allOf": party, "title": "Heir"}, "title": "Heirs"},
        ),
        "$defs": defs,
        "required": ["seller"],
    }
    check_body(body)
    wanted = wanted_of(body)
    (paid_in, name), (heirs,) = wanted.fields, wanted.tables
    assert (paid_in.kind, paid_in.choices, paid_in.title) == (FieldKind.CHOICE, ("EUR", "USD"), "Currency")
    assert paid_in.description == "What it is paid in."
    assert (name.path, name.title, [column.path for column in heirs.fields]) == ("seller.name", "Name", ["name"])


def test_a_value_is_asked_for_as_it_is_printed_whatever_it_means() -> None:
    bounded = {"minimum": 0, "pattern": "^x"}
    fields = wanted_of(
        of(
            day={"type": "string", "format": "date", "examples": ["3 April 2025"], **bounded},
            sum={"type": "number", "format": "money", **bounded},
            kind={"enum": ["a", "b"], "description": "Which."},
            paid={"type": "boolean"},
            code={"type": "string", **bounded},
        )
    ).fields
    assert {field.path: field.value_schema for field in fields} == {
        "day": {"type": "string", "examples": ["3 April 2025"]},
        "sum": None,
        "kind": {"type": "string", "description": "Which.", "enum": ["a", "b"]},
        "paid": {"type": "boolean"},
        "code": {"type": "string", "pattern": "^x"},
    }


def test_bounds_of_numbers_and_rows_are_rules() -> None:
    amount = {"type": "number", "format": "money", "minimum": -0.5, "exclusiveMaximum": 1e21}
    wanted = wanted_of(of(lines=rows(amount=amount) | {"minItems": 2, "maxItems": 3}, code={**TEXT, "minimum": 3}))
    assert [(rule.check, rule.fields, rule.table) for rule in wanted.rules] == [
        ("count(lines) >= 2", ("lines",), None),
        ("count(lines) <= 3", ("lines",), None),
        ("lines.amount >= -0.5", ("lines.amount",), "lines"),
        ("lines.amount < 1000000000000000000000", ("lines.amount",), "lines"),
    ]
    values = [{"amount": TypedValue({"amount": text, "currency": None})} for text in ("-0.60", "7.00")]
    assert [flag["fields"] for flag in broken_rules(wanted.rules, {}, {"lines": values})] == [["lines[0].amount"]]


def test_a_cell_is_found_by_its_row_and_by_its_column() -> None:
    wanted = wanted_of(of(order=of(lines=rows(price=of(net=MONEY)))))
    assert [table.path for table in wanted.tables] == ["order.lines"]
    cell, column = wanted.find("order.lines[12].price.net"), wanted.find("order.lines.price.net")
    assert cell is column is wanted.tables[0].fields[0]
    assert wanted.find("order.lines") is None


@pytest.mark.parametrize(
    ("body", "pointer", "said"),
    [
        (of(a={"oneOf": [TEXT]}), "/properties/a/oneOf", "not supported"),
        (of(a={"allOf": [TEXT, {"maxLength": 3}]}), "/properties/a/allOf", "not supported"),
        (of(a={"allOf": [of(b=TEXT)], "properties": {"c": TEXT}}), "/properties/a/allOf", "not supported"),
        (of(a={"allOf": [of(b={"not": {}})], "title": "A"}), "/properties/a/allOf/0/properties/b/not", "not supported"),
        (of(a={"allOf": [{"$ref": "#/$defs/B"}]}), "/properties/a/allOf/0/$ref", "points to nothing"),
        ({**of(a=TEXT), "if": {}}, "/if", "not supported"),
        ({**of(a=TEXT), "patternProperties": {}}, "/patternProperties", "not supported"),
        (of(a={"type": "array", "prefixItems": [TEXT]}), "/properties/a/prefixItems", "not supported"),
        (of(a={"type": "object", "additionalProperties": TEXT}), "/properties/a/additionalProperties", "names"),
        (of(**{"a/b~c": TEXT}), "/properties/a~1b~0c", "field's name"),
        (of(a={"type": ["string", "number"]}), "/properties/a", "one type"),
        (of(a={}), "/properties/a", "one type"),
        (of(a={"anyOf": [TEXT, {"type": "boolean"}]}), "/properties/a/anyOf", "several kinds"),
        (of(a={"type": "object"}), "/properties/a", "without properties"),
        (of(a=rows(b={"type": "array", "items": TEXT})), "/properties/a/items/properties/b", "nested"),
        (of(a={"type": "array", "items": {"type": "array", "items": TEXT}}), "/properties/a/items", "nested"),
        (of(a={"type": "array"}), "/properties/a/items", "not described"),
        (of(a={"type": "boolean", "format": "money"}), "/properties/a/format", "no format"),
        (of(a={"type": "number", "format": "iban"}), "/properties/a/format", "no format"),
        (of(a={"enum": [["a"]], "type": "string"}), "/properties/a/enum", "choices"),
        (of(a={"type": "string", "pattern": "("}), "/properties/a/pattern", "no JSON Schema"),
        (of(a={"type": "string", "minLength": "three"}), "/properties/a/minLength", "no JSON Schema"),
        ({**of(a=TEXT), "required": "a"}, "/required", "no JSON Schema"),
        ({**of(a={"$ref": "#/$defs/B"}), "$defs": {"B": of(c={"not": {}})}}, "/$defs/B/properties/c/not", "supported"),
        (of(a={"$ref": "#/$defs/B"}), "/properties/a/$ref", "points to nothing"),
        (of(a={"anyOf": [{"type": "string", "title": 7}, {"type": "null"}]}), "/properties/a/anyOf/0/title", "title"),
        (wishing(rules=["total = tax", "total = tex"]), "/folioscope/rules/1", "is tax meant?"),
        (wishing(rules=[{"name": "x"}]), "/folioscope/rules/0", "A rule is"),
        (wishing(rules="total = tax"), "/folioscope/rules", "a list"),
        (wishing(target=98), "/folioscope/target", "0.98"),
        (wishing(verify="yes"), "/folioscope/verify", "true or false"),
        (wishing(layer=True), "/folioscope/layer", "not 'layer'"),
        ({**of(a=TEXT), "folioscope": []}, "/folioscope", "an object"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_pointer(body: dict[str, Any], pointer: str, said: str) -> None:
    found, detail = fault_of(body)
    assert found == pointer
    assert said in detail


def test_all_faults_of_a_body_are_told_at_once() -> None:
    with pytest.raises(InvalidSchema) as refusal:
        check_body(of(a={"oneOf": [], "type": "string"}, b={}))
    faults = refusal.value.facts["faults"]
    assert isinstance(faults, list)
    assert [fault["pointer"] for fault in faults] == ["/properties/a/oneOf", "/properties/b"]


def test_a_tree_of_rows_within_rows_is_refused() -> None:
    body = of(node={"$ref": "#/$defs/Node"})
    body["$defs"] = {"Node": of(name=TEXT, children={"type": "array", "items": {"$ref": "#/$defs/Node"}})}
    assert fault_of(body)[0] == "/$defs/Node/properties/children"


def test_references_that_multiply_are_refused_before_they_fill_the_memory() -> None:
    levels = {f"L{n}": of(**{f"f{m}": {"$ref": f"#/$defs/L{n + 1}"} for m in range(40)}) for n in range(7)}
    body = {**of(a={"$ref": "#/$defs/L0"}), "$defs": {**levels, "L7": of(leaf=TEXT)}}
    assert "more than" in fault_of(body)[1]


def test_columns_count_among_the_fields() -> None:
    body = of(lines=rows(**{f"c{n}": TEXT for n in range(150)}), **{f"f{n}": TEXT for n in range(51)})
    assert "201 fields" in fault_of(body)[1]


def test_what_was_stored_before_rules_were_stricter_is_read_as_far_as_it_goes() -> None:
    body = of(total=MONEY, odd={"oneOf": [TEXT]}, deep=rows(deeper=rows(a=TEXT), b=TEXT))
    body["folioscope"] = {"rules": ["total = nothing", "total > 0"], "target": "high"}
    wanted = wanted_of(body)
    assert [field.path for field in wanted.fields] == ["total"]
    assert [column.path for column in wanted.tables[0].fields] == ["b"]
    assert [rule.check for rule in wanted.rules] == ["total > 0"]
    assert wanted.target is None


_WORDS = st.sampled_from(
    [
        *("type", "properties", "items", "anyOf", "allOf", "$ref", "$defs", "enum", "const", "format", "title"),
        *("description", "examples", "folioscope", "rules", "target", "minItems", "a", "object", "array", "string"),
        *("number", "null", "#", "#/properties/a", "money", "date", "a = a", "count(a) > 1"),
    ]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 300) | _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=5),
    max_leaves=25,
)


@given(st.dictionaries(_WORDS, _JSON, max_size=5), _JSON)
def test_any_body_is_taken_or_refused_with_a_pointer(words: dict[str, Any], leaf: Any) -> None:
    body = {"type": "object", "properties": {"a": leaf, "b": leaf}} | words
    refused = None
    try:
        check_body(body)
    except InvalidSchema as refusal:
        refused = refusal
    wanted = wanted_of(body)
    if refused is None:
        assert wanted.fields or wanted.tables
    else:
        assert isinstance(refused.facts["pointer"], str)
