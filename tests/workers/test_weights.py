"""An error in what matters weighs more: by the kind of the field, what the schema demands, and its rules."""

from typing import Any

from storage.schemas import wanted_of
from workers.weights import Weights

BODY: dict[str, Any] = {
    "type": "object",
    "required": ["number", "vendor"],
    "properties": {
        "number": {"type": "string"},
        "note": {"type": "string"},
        "iban": {"type": "string", "format": "iban"},
        "total": {"type": "string", "format": "money"},
        "vendor": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": {"type": "string"}, "city": {"type": "string"}},
        },
        "buyer": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["amount"],
                "properties": {"amount": {"type": "string", "format": "money"}, "text": {"type": "string"}},
            },
        },
    },
    "folioscope": {"rules": [{"name": "sum", "check": "sum(lines.amount) = total"}]},
}
WANTED = wanted_of(BODY)


def weights(*broken: str) -> dict[str, float]:
    """The weight of every field, and of the cells in the second row."""
    made = Weights.of(WANTED, [{"rule": "sum", "fields": list(broken), "detail": ""}] if broken else [])
    (table,) = WANTED.tables
    cells = {f"lines[1].{f.path}": made.of_cell("lines", 1, f) for f in table.fields}
    return {f.path: made.of_field(f) for f in WANTED.fields} | cells


def test_money_and_what_the_schema_demands_go_before_free_text() -> None:
    found = weights()
    assert found["iban"] > found["number"] > found["note"]
    assert found["total"] > found["iban"]
    assert found["vendor.name"] > found["vendor.city"]
    assert found["buyer.name"] == found["note"]
    assert found["lines[1].amount"] > found["total"]


def test_fields_whose_values_clash_go_before_all() -> None:
    calm, broken = weights(), weights("lines.amount", "total")
    assert broken["total"] > calm["total"]
    assert broken["lines[1].amount"] > calm["lines[1].amount"]
    assert broken["iban"] == calm["iban"]


def test_a_rule_that_one_row_breaks_weighs_on_its_cells_alone() -> None:
    calm = weights()
    assert weights("lines[1].amount")["lines[1].amount"] > calm["lines[1].amount"]
    assert weights("lines[0].amount")["lines[1].amount"] == calm["lines[1].amount"]
