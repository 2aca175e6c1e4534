"""Exact answers: the number, every row that makes it, and every row that is left out of it by name."""

import json
from typing import Any

import pytest

from core.errors import InvalidCursor, InvalidRequest
from storage import schemas
from storage.database import Sessions
from storage.filters import Op
from tests.storage.records_world import archive_in
from tests.storage.world import World, world_of
from tests.workers.plans.conftest import TODAY, stock
from workers.estimate import Reader
from workers.plans import Condition, Intent, Plan, answer_plan, citations, exact_answer

Json = dict[str, Any]


@pytest.fixture
def world(sessions: Sessions) -> World:
    return world_of(sessions, "default")


def ask(world: World, question: str, documents: list[str] | None = None) -> Json | None:
    """The result of a question, as it travels."""
    with world.sessions() as session:
        answer = exact_answer(session, world.workspace_id, question, documents, TODAY, Reader("bundled"))
    return None if answer is None else json.loads(json.dumps(answer.result()))


def asked(world: World, question: str, documents: list[str] | None = None) -> Json:
    result = ask(world, question, documents)
    assert result is not None
    return result


def names(rows: list[Json]) -> list[str]:
    return sorted(row["document_name"] for row in rows)


def test_an_archive_answers_with_numbers_rows_and_what_is_left_out(world: World) -> None:
    stock(world)  # once, as making it takes longer than all the questions
    counting(world)
    adding(world)
    grouping(world)
    extremes(world)
    listing(world)
    looking_up(world)
    unknown_names(world)


def counting(world: World) -> None:
    result = asked(world, "How many invoices from Acme in 2023?")
    plan = result["plan"]
    assert (result["state"], result["kind"], plan["number"], plan["rows"]) == ("found", "exact", 2, 2)
    assert names(plan["citations"]) == ["i1.pdf", "i2.pdf"]
    assert plan["citations"][0]["text"] == "Acme Ltd"
    assert plan["where"] == 'vendor_name = "acme ltd" and invoice_date between 2023-01-01 and 2023-12-31'
    assert result["text"].startswith("2 invoices. Number of invoices whose vendor name is acme ltd and whose")
    assert "Never read as invoices: 3 documents (2 of them as something else)." in result["text"]
    # an invoice whose day was not read may be of 2023: it is named, and not counted
    plan = asked(world, "How many invoices in 2023?")["plan"]
    assert (plan["number"], plan["left_out"]["missing"]) == (2, 2)
    reasons = {row["document_name"]: row["reason"] for row in plan["missing"]}
    assert reasons == {"i5.pdf": "no readable invoice date", "empty.pdf": "nothing was found in it"}


def adding(world: World) -> None:
    result = asked(world, "What is the total of all invoices from Acme?")
    plan = result["plan"]
    assert (plan["number"], plan["currency"], plan["typed"]) == (350.5, "EUR", {"amount": "350.50", "currency": "EUR"})
    assert [row["number"] for row in plan["citations"]] == [100, 250.5]
    # of several currencies nothing is added
    plan = asked(world, "total amount of all invoices")["plan"]
    assert (plan["number"], plan["currency"]) == (None, None)
    sums = {group["currency"]: (group["number"], group["count"]) for group in plan["groups"]}
    assert sums == {"EUR": (450.49, 3), "USD": (1000, 1), None: (12, 1)}
    assert plan["left_out"] == {"unsure": 1, "missing": 1, "unreadable": 1}
    assert names(plan["unsure"]) == ["i6.pdf"]
    assert {row["document_name"]: row["reason"] for row in plan["missing"]}["i5.pdf"] == "total reads 'smudge'"
    # an amount without a currency may be in euros
    plan = asked(world, "What is the total in EUR of all invoices?")["plan"]
    assert (plan["number"], plan["left_out"]["unreadable"]) == (450.49, 2)
    assert asked(world, "average total of invoices from Acme")["plan"]["number"] == 175.25
    plan = asked(world, "sum of line_items.amount")["plan"]
    assert (plan["number"], plan["rows"]) == (199.99, 3)
    assert plan["citations"][1]["field"] == "line_items[1].amount"


def grouping(world: World) -> None:
    plan = asked(world, "How many invoices per vendor?")["plan"]
    assert (plan["intent"], plan["number"]) == ("per", None)
    assert {group["key"]: group["number"] for group in plan["groups"]} == {
        "Acme Ltd": 2,
        "Meyer GmbH": 2,
        "Bank of America": 1,
        "March & May Partners": 1,
    }
    months = asked(world, "invoice totals by month in 2023")["plan"]["groups"]
    assert [(group["key"], group["number"]) for group in months] == [("2023-01", 100), ("2023-02", 250.5)]


def extremes(world: World) -> None:
    result = asked(world, "What is the largest invoice?")
    assert result["text"].startswith(
        "250.50 EUR: i2.pdf; 1,000.00 USD: i4.pdf; 12.00 without a currency: i6.pdf. Largest"
    )
    assert names(result["plan"]["citations"]) == ["i2.pdf", "i4.pdf", "i6.pdf"]
    result = asked(world, "earliest invoice from Acme")
    assert (result["plan"]["typed"], result["evidence"]["document_name"] if result["evidence"] else None) == (
        "2023-01-05",
        None,
    )
    assert result["text"].startswith("2023-01-05: i1.pdf. Earliest invoice date of invoices")
    result = asked(world, "top 2 invoices in EUR")
    assert result["text"].startswith("250.50 EUR: i2.pdf; 100.00 EUR: i1.pdf. The 2 largest total of invoices in EUR")


def listing(world: World) -> None:
    result = asked(world, "Which invoices are from Acme?")
    assert result["text"].startswith("2 invoices: i1.pdf, i2.pdf. Invoices whose vendor name is acme ltd.")
    plan = asked(world, "Which vendors have invoices over 90 EUR?")["plan"]
    assert (plan["number"], [group["key"] for group in plan["groups"]]) == (2, ["Acme Ltd", "Meyer GmbH"])
    result = asked(world, "Which invoices are over 5000 EUR?")
    assert (result["state"], result["plan"]["number"]) == ("not_found", 0)
    assert asked(world, "How many invoices are over 5000 EUR?")["state"] == "found"


def looking_up(world: World) -> None:
    result = asked(world, "What is the total of invoice INV-3?")
    assert (result["state"], result["text"], result["plan"]["number"]) == ("found", "99.99 EUR", 99.99)
    assert asked(world, "What is the IBAN of Meyer GmbH?")["plan"]["typed"] == "DE89370400440532013000"
    assert asked(world, "What is the total of invoices from Acme?")["plan"]["number"] == 350.5
    assert ask(world, "What is the total of the invoice from Acme?") is None  # there are two
    assert asked(world, "What is the total of the invoice from Bank of America?")["plan"]["number"] == 1000
    assert ask(world, "What is the due date of invoice INV-3?") is None  # was not found: its pages may tell
    assert ask(world, "What is the total of invoice INV-99?") is None


def unknown_names(world: World) -> None:
    result = asked(world, "How many invoices from Zebra Corp?")
    assert (result["state"], result["plan"]["number"], result["plan"]["citations"]) == ("not_found", 0, [])
    assert result["text"].startswith("Among 7 invoices that were read, none has the vendor name 'Zebra Corp'.")


def test_only_the_documents_of_the_scope_count(world: World) -> None:
    archive = archive_in(world, "invoice", schemas._builtins()["invoice"])
    first = archive.add("a.pdf", total="1 EUR", vendor_name="Acme")
    archive.add("b.pdf", total="2 EUR", vendor_name="Acme")
    plan = asked(world, "What is the total of all invoices from Acme?", [first])["plan"]
    assert (plan["number"], names(plan["citations"])) == (1, ["a.pdf"])


def test_a_document_that_was_read_under_two_versions_counts_once_and_by_the_latest(world: World) -> None:
    body: Json = {
        "type": "object",
        "title": "Note",
        "properties": {"total": {"type": "number"}, "kind": {"type": "string"}},
    }
    older = archive_in(world, "note", body)
    both = older.add("both.pdf", total="1", kind="a")
    older.add("old.pdf", total="10", kind="a")
    newer = archive_in(world, "note", {**body, "properties": {**body["properties"], "place": {"type": "string"}}})
    newer.say(both, total="2", kind="a", place="here")
    plan = asked(world, "What is the sum of the totals of notes?")["plan"]
    assert (plan["number"], plan["rows"], plan["version"]) == (12, 2, 2)
    # what the older version does not ask for is missing, by name
    plan = asked(world, "How many notes per place?")["plan"]
    assert (plan["rows"], plan["missing"][0]["reason"]) == (1, "read under version 1, which has no place")


def test_the_invoice_that_is_meant_may_be_one_that_nobody_read(world: World) -> None:
    world.add(2, name="a.pdf")
    for question in ("How much is the invoice from Acme?", "How much tax is on the invoice?"):
        assert ask(world, question) is None  # nothing was read: its pages may tell
    archive_in(world, "invoice", schemas._builtins()["invoice"]).add("b.pdf", total="2 EUR", vendor_name="Acme")
    assert ask(world, "How much is the invoice from Zebra Corp?") is None
    assert asked(world, "How much is the invoice from Acme?")["text"].startswith("2.00 EUR")


def test_a_name_that_no_record_has_may_stand_in_what_was_never_read(world: World) -> None:
    world.add(2, name="a.pdf")
    archive_in(world, "invoice", schemas._builtins()["invoice"]).add("b.pdf", total="2 EUR", vendor_name="Acme")
    result = asked(world, "How many invoices from Zebra Corp?")
    assert "none has the vendor name 'Zebra Corp'. Never read as invoices: 1 document." in result["text"]
    assert result["plan"]["offer"]["pages"] == 2


def test_where_nothing_was_read_the_reply_offers_to_read_it_with_what_that_costs(world: World) -> None:
    world.add(2, name="a.pdf")
    result = asked(world, "How many invoices are there?")
    offer = result["plan"]["offer"]
    assert (result["state"], offer["pages"], offer["model_calls"] > 2) == ("not_found", 2, True)
    assert offer["command"] == "folioscope extract --schema invoice"
    assert "Nothing was read as invoices yet, in 1 document." in result["text"]
    assert ask(world, "What is the IBAN of Meyer GmbH?") is None


def test_where_the_field_was_never_asked_for_the_reply_offers_to_read_again(world: World) -> None:
    body: Json = {"type": "object", "title": "Note", "properties": {"kind": {"type": "string"}}}
    archive_in(world, "note", body).add("a.pdf", kind="a")
    archive_in(world, "note", {**body, "properties": {**body["properties"], "total": {"type": "number"}}})
    result = asked(world, "What is the sum of the totals of notes?")
    assert (result["state"], result["plan"]["offer"]["command"]) == ("not_found", "folioscope extract --schema note")
    assert "asks for total" in result["text"]


def test_a_corrected_value_counts_as_it_stands(world: World) -> None:
    archive = archive_in(world, "invoice", schemas._builtins()["invoice"])
    document = archive.add("a.pdf", total="1 EUR", vendor_name="Acme")
    right = {"typed": {"amount": "5.00", "currency": "EUR"}, "raw": "5.00", "corrected": True}
    archive.say(document, total=right, vendor_name="Acme")
    assert asked(world, "What is the total of all invoices?")["plan"]["number"] == 5


def test_every_row_of_a_number_is_told_part_by_part(world: World) -> None:
    archive = archive_in(world, "invoice", schemas._builtins()["invoice"])
    added = sorted(archive.add(f"{n}.pdf", total=f"{n} EUR") for n in range(7))
    plan = Plan(Intent.SUM, "invoice", "total")
    found: list[str] = []
    cursor = None
    with world.sessions() as session:
        while True:
            part = citations(session, world.workspace_id, plan, cursor, limit=3)
            found += [row["document"] for row in part.items]
            cursor = part.next_cursor
            if cursor is None:
                break
        assert sorted(found) == added
        for broken in ("x", "W10", "WzAsImEiXQ", "=" * 300):
            with pytest.raises(InvalidCursor):
                citations(session, world.workspace_id, plan, broken)


def test_a_plan_without_sense_is_refused(world: World) -> None:
    archive_in(world, "invoice", schemas._builtins()["invoice"])
    refused = [
        Plan(Intent.SUM, "invoice", "vendor_name"),
        Plan(Intent.SUM, "invoice"),
        Plan(Intent.COUNT, "invoice", where=(Condition("totl", Op.MORE, ("1",)),)),
        Plan(Intent.COUNT, "invoice", where=(Condition("total` = 1 or `tax", Op.MORE, ("1",)),)),
        Plan(Intent.COUNT, "invoice", where=(Condition("total", Op.MORE, ("1",), "EUR or total > 0"),)),
        Plan(Intent.COUNT, "invoice", where=(Condition("total", Op.MORE, ("1 or total > 0",)),)),
        Plan(Intent.COUNT, "invoice", where=(Condition("total", Op.IS, ("found or total > 0",)),)),
        Plan(Intent.SUM, "invoice", "line_items.amount"),
        Plan(Intent.LARGEST, "invoice", "total", limit=1_000_000),
    ]
    with world.sessions() as session:
        for plan in refused:
            with pytest.raises(InvalidRequest):
                answer_plan(session, world.workspace_id, plan, None, Reader("bundled"))
