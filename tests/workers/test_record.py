"""A document's record says the best of what its pages say, typed, judged, and corrected by people."""

from typing import Any

import pytest

from core.records import Box, FieldKind, FieldValue, LayerVerdict, ValueState
from storage.schemas import wanted_of
from workers.record import Corrected, Draft, PageRow, Said, make_record

BOX = Box(0.1, 0.2, 0.3, 0.4)
BODY: dict[str, Any] = {
    "type": "object",
    "properties": {
        "total": {"type": "string", "format": "money"},
        "date": {"type": "string", "format": "date"},
        "due": {"type": "string", "format": "date"},
        "vendor": {"type": "string"},
        "line_items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "description": {"type": "string"},
                    "amount": {"type": "string", "format": "money"},
                },
            },
        },
    },
    "folioscope": {"target": 0.9},
}


class Meant:
    """Half of what the model says; a value that came back when read again counts in full."""

    def meant(
        self, kind: FieldKind | None, confidence: float, *, verified: bool | None, layer: LayerVerdict | None
    ) -> float | None:
        trusted = verified or kind is None or layer is LayerVerdict.AGREES
        return None if kind is FieldKind.IBAN else confidence if trusted else confidence / 2


def _found(raw: str, confidence: float | None, field: str = "vendor", **more: Any) -> FieldValue:
    return FieldValue(field, ValueState.FOUND, raw, confidence, BOX, "key", **more)


def _absent(confidence: float | None, field: str = "vendor") -> FieldValue:
    return FieldValue(field, ValueState.ABSENT, None, confidence, None, "key")


def _record(*values: tuple[int, FieldValue], **more: Any) -> Draft:
    return make_record(wanted_of(BODY), Said(values, **more), Meant())


def _value(*values: tuple[int, FieldValue], field: str = "vendor", **more: Any) -> dict[str, Any]:
    return _record(*values, **more).values[field]


def test_the_most_confident_value_wins_and_the_others_are_kept_with_their_pages() -> None:
    merged = _value((1, _found("Acme", 0.5)), (2, _found("Zenith", 0.9)), (3, _absent(0.99)))
    assert (merged["state"], merged["raw"], merged["page"], merged["model_confidence"]) == ("found", "Zenith", 2, 0.9)
    assert (merged["box"], merged["confidence"]) == ([0.1, 0.2, 0.3, 0.4], 0.45)
    assert [(a["raw"], a["page"]) for a in merged["alternatives"]] == [("Acme", 1)]


def test_the_same_text_on_two_pages_is_one_value_seen_twice() -> None:
    merged = _value((4, _found("ACME  Ltd", 0.7)), (2, _found("Acme ltd", 0.8)))
    assert (merged["raw"], merged["page"], merged["also_on"], merged["alternatives"]) == ("Acme ltd", 2, [4], [])


def test_amounts_that_mean_the_same_are_one_value_however_they_are_written() -> None:
    merged = _value((1, _found("$1,204.00", 0.8, "total")), (2, _found("USD 1204.00", 0.7, "total")), field="total")
    assert (merged["typed"], merged["also_on"]) == ({"amount": "1204.00", "currency": "USD"}, [2])
    assert merged["alternatives"] == []


def test_equally_sure_values_go_to_the_earlier_page() -> None:
    assert _value((3, _found("b", 0.5)), (1, _found("a", 0.5)))["page"] == 1


def test_a_value_without_a_confidence_stands_behind_one_with() -> None:
    assert _value((1, _found("a", None)), (2, _found("b", 0.1)))["raw"] == "b"


def test_what_is_no_amount_stands_behind_what_is_one_however_sure_the_model_was() -> None:
    merged = _value((1, _found("Thank you", 0.99, "total")), (2, _found("12.00 EUR", 0.4, "total")), field="total")
    assert (merged["raw"], merged["problem"]) == ("12.00 EUR", None)
    assert merged["alternatives"][0]["problem"] is not None


def test_a_field_that_no_page_has_is_absent_as_surely_as_the_least_sure_page() -> None:
    merged = _value((1, _absent(0.9)), (2, _absent(0.6)), (3, _absent(None)))
    assert (merged["state"], merged["raw"], merged["confidence"], merged["page"]) == ("absent", None, 0.6, None)


def test_a_field_that_could_not_be_read_is_never_said_to_be_absent() -> None:
    unreadable = FieldValue("vendor", ValueState.UNREADABLE, None, None, None, "key", "generation-loops")
    merged = _value((1, _absent(0.9)), (2, unreadable))
    assert (merged["state"], merged["reason"], merged["page"]) == ("unreadable", "generation-loops", 2)
    assert merged["decision"] == "needs_review"


def test_what_no_page_could_tell_is_never_said_to_be_absent() -> None:
    entry = _value(pages_missing=2)
    assert (entry["state"], entry["reason"], entry["decision"]) == ("unreadable", "unreadable-page", "needs_review")


def test_nobody_is_sure_that_a_document_lacks_something_while_pages_are_missing() -> None:
    assert _value((1, _absent(0.99)))["decision"] == "accepted"
    assert _value((1, _absent(0.99)), pages_missing=1)["decision"] == "needs_review"


def test_what_blank_pages_lack_is_absent_for_sure_and_what_others_lack_as_surely_as_they_say() -> None:
    empty = [(1, _absent(None)), (2, _absent(None))]
    entry = _value(*empty, blank={1, 2})
    assert (entry["state"], entry["confidence"], entry["decision"]) == ("absent", None, "accepted")
    assert _value(*empty, blank={1})["decision"] == "needs_review"
    assert _value(*empty, blank={1, 2}, pages_missing=1)["decision"] == "needs_review"
    assert _value((1, _absent(None)), (2, _absent(0.6)), blank={1})["decision"] == "needs_review"
    assert _value((1, _absent(None)), (2, _absent(0.99)), blank={1})["decision"] == "accepted"


@pytest.mark.parametrize(
    ("bounds", "raw", "problem"),
    [
        ({"pattern": "^INV-[0-9]+$"}, "INV-17", None),
        ({"pattern": "^INV-[0-9]+$"}, "1NV-17", "not-of-its-pattern"),
        ({"minLength": 3}, "ab", "too-short"),
        ({"maxLength": 3}, "abcd", "too-long"),
        ({"minLength": 2, "maxLength": 3}, "  abc ", None),
        ({"pattern": "^(a|a)*$"}, "a" * 40 + "b", "untried-pattern"),  # would take years without a limit
    ],
)
def test_a_text_that_breaks_what_its_schema_says_of_it_has_a_problem_and_is_never_accepted(
    bounds: dict[str, Any], raw: str, problem: str | None
) -> None:
    body = {"type": "object", "properties": {"vendor": {"type": "string", **bounds}}, "folioscope": {"target": 0.9}}
    said = Said([(1, _found(raw, 0.99, verified=True))])
    entry = make_record(wanted_of(body), said, Meant()).values["vendor"]
    assert (entry["typed"], entry["problem"]) == (raw.strip(), problem)
    assert entry["decision"] == ("accepted" if problem is None else "needs_review")


def test_patterns_that_take_for_ever_hold_up_no_record_of_many_rows() -> None:
    items = {"type": "object", "properties": {"code": {"type": "string", "pattern": "^(a|a)*$"}}}
    wanted = wanted_of({"type": "object", "properties": {"rows": {"type": "array", "items": items}}})
    rows = [PageRow(1, {"code": _found("a" * 40 + "b", 0.9, "rows[0].code")}) for _ in range(1_000)]
    made = make_record(wanted, Said([], {"rows": rows}, {"rows": {"seen": 1_000, "read": 1_000}}), None)
    assert {row["cells"]["code"]["problem"] for row in made.tables["rows"]["rows"]} == {"untried-pattern"}


def test_a_date_that_may_be_read_two_ways_is_decided_by_the_document_s_other_dates_or_told() -> None:
    alone = _value((1, _found("03/04/2025", 0.9, "date")), field="date")
    assert (alone["typed"], alone["problem"]) == (None, "ambiguous-date")
    assert set(alone["readings"]) == {"2025-03-04", "2025-04-03"}
    beside = _value((1, _found("03/04/2025", 0.9, "date")), (1, _found("25/04/2025", 0.9, "due")), field="date")
    assert (beside["typed"], beside["problem"]) == ("2025-04-03", None)


def test_a_row_s_date_without_a_year_takes_that_of_the_document_s_dates_and_is_no_surer_than_they_are() -> None:
    table = {"type": "object", "properties": {"day": {"type": "string", "format": "date"}}}
    body = {
        "type": "object",
        "properties": {**BODY["properties"], "entries": {"type": "array", "items": table}},
        "folioscope": {"target": 0.9},
    }

    def days(*values: FieldValue) -> list[dict[str, Any]]:
        texts = ("20 Dec", "3 Jan", "3 Jan 2026")
        cells = [PageRow(1, {"day": _found(text, 0.99, "entries[0].day", verified=True)}) for text in texts]
        counts = {"entries": {"seen": 3, "read": 3}}
        said = Said([(1, value) for value in values], {"entries": cells}, counts)
        return [row["cells"]["day"] for row in make_record(wanted_of(body), said, Meant()).tables["entries"]["rows"]]

    sure = days(_found("15 Dec 2024", 0.95, "date", verified=True), _found("14 Jan 2025", 0.95, "due", verified=True))
    assert [day["typed"] for day in sure] == ["2024-12-20", "2025-01-03", "2026-01-03"]
    assert [day.get("year_from") for day in sure] == [["date", "due"], ["date", "due"], None]
    assert [day["decision"] for day in sure] == ["accepted"] * 3
    unsure = days(_found("14 Jan 2025", 0.5, "due", verified=True))
    assert [(day["typed"], day["confidence"]) for day in unsure[:2]] == [("2024-12-20", 0.5), ("2025-01-03", 0.5)]
    assert unsure[0]["decision"] == "needs_review"
    alone = days()
    assert [(day["typed"], day["problem"]) for day in alone[:2]] == [(None, "incomplete-date")] * 2


@pytest.mark.parametrize(
    ("value", "decision"),
    [
        (_found("12.00 EUR", 0.95, "total", verified=True), "accepted"),
        (_found("12.00 EUR", 0.95, "total"), "needs_review"),
        (_found("12.00 EUR", 0.95, "total", verified=True, layer=LayerVerdict.CLASHES), "needs_review"),
        (_found("Thank you", 0.95, "total", verified=True), "needs_review"),
        (_found("12.00 EUR", None, "total", verified=True), "needs_review"),
        (_absent(0.95, "total"), "accepted"),
        (_absent(0.8, "total"), "needs_review"),
    ],
)
def test_a_value_is_accepted_only_where_its_meant_confidence_reaches_the_target(
    value: FieldValue, decision: str
) -> None:
    assert _value((1, value), field="total")["decision"] == decision


def test_a_model_whose_confidence_is_not_known_to_mean_anything_gets_nothing_accepted() -> None:
    draft = make_record(wanted_of(BODY), Said([(1, _found("Acme", 0.999))]), None)
    assert (draft.values["vendor"]["decision"], draft.values["vendor"]["confidence"]) == ("needs_review", 0.999)


def test_without_a_target_nothing_is_decided() -> None:
    body = {key: value for key, value in BODY.items() if key != "folioscope"}
    draft = make_record(wanted_of(body), Said([(1, _found("Acme", 0.999))]), Meant())
    assert ({entry["decision"] for entry in draft.values.values()}, draft.unsure) == ({None}, 0)


def test_what_a_person_says_counts_and_what_the_model_said_stays_beside_it() -> None:
    fix = {"vendor": Corrected(ValueState.FOUND, "Acme GmbH", 1, BOX)}
    merged = _value((1, _found("Acne GmbH", 0.9)), (2, _found("Zenith", 0.3)), corrected=fix)
    assert (merged["raw"], merged["corrected"], merged["decision"]) == ("Acme GmbH", True, "accepted")
    assert [a["raw"] for a in merged["alternatives"]] == ["Acne GmbH", "Zenith"]
    gone = _value((1, _found("Acne", 0.9)), corrected={"vendor": Corrected(ValueState.ABSENT, None, None, None)})
    assert (gone["state"], gone["raw"], gone["decision"]) == ("absent", None, "accepted")


def test_rows_are_typed_cell_by_cell_and_a_correction_finds_its_row() -> None:
    def cells(description: str, amount: str) -> dict[str, FieldValue]:
        return {
            "description": _found(description, 0.99, "line_items[0].description", verified=True),
            "amount": _found(amount, 0.99, "line_items[0].amount", verified=True),
        }

    rows = [PageRow(1, cells("Bolts", "2.00 EUR")), PageRow(2, cells("Nuts", "3,00 EUR"))]
    fix = {"line_items[1].amount": Corrected(ValueState.FOUND, "4.00 EUR", 2, None)}
    counts = {"line_items": {"seen": 2, "read": 2}}
    draft = _record(rows={"line_items": rows}, counts=counts, corrected=fix)
    table = draft.tables["line_items"]
    assert (table["seen"], table["read"], [row["page"] for row in table["rows"]]) == (2, 2, [1, 2])
    amounts = [row["cells"]["amount"] for row in table["rows"]]
    assert [amount["typed"]["amount"] for amount in amounts] == ["2.00", "4.00"]
    assert [amount["corrected"] for amount in amounts] == [False, True]
    assert {cell["decision"] for row in table["rows"] for cell in row["cells"].values()} == {"accepted"}


def test_values_that_need_a_review_are_counted_with_the_cells() -> None:
    rows = [PageRow(1, {"amount": _found("2.00 EUR", 0.99, "line_items[0].amount")})]
    draft = _record(
        (1, _found("Acme", 0.95)),
        *((1, _absent(0.99, name)) for name in ("total", "date", "due")),
        rows={"line_items": rows},
        counts={"line_items": {"seen": 1, "read": 1}},
    )
    assert draft.unsure == 2


def test_a_rule_that_does_not_hold_flags_the_record_and_lowers_no_value() -> None:
    body = BODY | {"folioscope": {"target": 0.9, "rules": ["due >= date", "sum(line_items.amount) = total"]}}
    rows = [PageRow(1, {"amount": _found("2.00 EUR", 0.9)}), PageRow(2, {"amount": _found("3.00 EUR", 0.9)})]
    said = Said(
        [(1, _found("6.00 EUR", 0.9, "total")), (1, _found("2025-02-01", 0.9, "date")), (1, _absent(0.9, "due"))],
        {"line_items": rows},
        {"line_items": {"seen": 2, "read": 2}},
    )
    draft = make_record(wanted_of(body), said, None)
    assert [(flag["fields"], "5.00" in flag["detail"]) for flag in draft.flags] == [
        (["line_items.amount", "total"], True)
    ]
    assert draft.values["total"]["confidence"] == 0.9
