"""A document's record says the best of what its pages say."""

from core.records import Box, FieldValue, ValueState
from workers.merge import merge_values

BOX = Box(0.1, 0.2, 0.3, 0.4)


def _found(raw: str, confidence: float | None, field: str = "total") -> FieldValue:
    return FieldValue(field, ValueState.FOUND, raw, confidence, BOX, "key")


def _absent(confidence: float | None, field: str = "total") -> FieldValue:
    return FieldValue(field, ValueState.ABSENT, None, confidence, None, "key")


def test_the_most_confident_value_wins_and_the_others_are_kept_with_their_pages() -> None:
    merged = merge_values([(1, _found("9.00", 0.5)), (2, _found("12.00", 0.9)), (3, _absent(0.99))])["total"]
    assert (merged["state"], merged["raw"], merged["page"], merged["confidence"]) == ("found", "12.00", 2, 0.9)
    assert merged["box"] == [0.1, 0.2, 0.3, 0.4]
    assert merged["alternatives"] == [
        {"raw": "9.00", "confidence": 0.5, "page": 1, "box": [0.1, 0.2, 0.3, 0.4], "also_on": []}
    ]


def test_the_same_text_on_two_pages_is_one_value_seen_twice() -> None:
    merged = merge_values([(4, _found("ACME  Ltd", 0.7)), (2, _found("Acme ltd", 0.8))])["total"]
    assert (merged["raw"], merged["page"], merged["also_on"], merged["alternatives"]) == ("Acme ltd", 2, [4], [])


def test_equally_sure_values_go_to_the_earlier_page() -> None:
    assert merge_values([(3, _found("b", 0.5)), (1, _found("a", 0.5))])["total"]["page"] == 1


def test_a_value_without_a_confidence_stands_behind_one_with() -> None:
    assert merge_values([(1, _found("a", None)), (2, _found("b", 0.1))])["total"]["raw"] == "b"


def test_a_field_that_no_page_has_is_absent_as_surely_as_the_least_sure_page() -> None:
    merged = merge_values([(1, _absent(0.9)), (2, _absent(0.6)), (3, _absent(None))])["total"]
    assert (merged["state"], merged["raw"], merged["confidence"], merged["page"]) == ("absent", None, 0.6, None)


def test_a_field_that_could_not_be_read_is_never_said_to_be_absent() -> None:
    unreadable = FieldValue("total", ValueState.UNREADABLE, None, None, None, "key", "generation-loops")
    merged = merge_values([(1, _absent(0.9)), (2, unreadable)])["total"]
    assert (merged["state"], merged["reason"], merged["page"]) == ("unreadable", "generation-loops", 2)


def test_every_field_is_merged_by_itself() -> None:
    merged = merge_values([(1, _found("a", 0.5, "x")), (1, _absent(0.5, "y")), (2, _found("b", 0.6, "y"))])
    assert {name: entry["raw"] for name, entry in merged.items()} == {"x": "a", "y": "b"}
