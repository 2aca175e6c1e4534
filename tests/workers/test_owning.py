"""Whose account an answer is: on an invoice the vendor's, whoever else is named there."""

from dataclasses import replace

import pytest

from core.records import FieldKind
from storage import schemas
from storage.database import Sessions
from storage.record_values import Stated
from tests.storage.records_world import archive_in
from tests.storage.world import World, world_of
from workers.choice import PageReply
from workers.owning import _is_anothers, of_others
from workers.subject_words import about

IBAN, VAT = "DE89 3704 0044 0532 0130 00", "DE 136695976"
FIELDS = frozenset({"iban", "vat", "number", "customer", "name"})


@pytest.fixture
def world(sessions: Sessions) -> World:
    """The workspace that a test works in."""
    return world_of(sessions, "default")


@pytest.fixture
def told(world: World) -> PageReply:
    """What the page of an invoice says that bills Weber."""
    archive = archive_in(world, "invoice", schemas._builtins()["invoice"])
    stated = {"vendor_name": "Meyer GmbH", "customer_name": "Weber Bau KG", "iban": IBAN, "vat_number": VAT}
    document = archive.add("a.pdf", **stated)
    return PageReply(document, 1, {"text": IBAN.replace(" ", "")})


@pytest.mark.parametrize("question", ["What is the IBAN of Weber Bau KG?", "What is Weber Bau's account?"])
def test_an_invoice_does_not_tell_the_account_of_whom_it_bills(world: World, told: PageReply, question: str) -> None:
    with world.sessions() as session:
        assert of_others(session, about(question, FIELDS), [told]) == {(told.document_id, 1)}


@pytest.mark.parametrize(
    "question",
    [
        "What is the IBAN of Meyer GmbH?",
        "What is the IBAN of Schulze AG?",
        "Which account does Meyer tell Weber Bau?",
    ],
)
def test_it_tells_the_account_of_its_vendor_and_of_whom_no_record_knows(
    world: World, told: PageReply, question: str
) -> None:
    with world.sessions() as session:
        assert not of_others(session, about(question, FIELDS), [told])


@pytest.fixture
def known(world: World) -> PageReply:
    """What the page of an invoice says whose vendor was read with confidence."""
    archive = archive_in(world, "invoice", schemas._builtins()["invoice"])
    vendor = {"typed": "Palene & Colllns AG", "confidence": 0.9}  # read with a letter too many
    document = archive.add("b.pdf", vendor_name=vendor, vat_number=VAT)
    return PageReply(document, 1, {"text": VAT})


@pytest.mark.parametrize("name", ["Ms Steven Ward", "Schulze AG", "Meyer Holding"])
def test_where_the_vendor_is_known_its_account_is_nobody_elses(world: World, known: PageReply, name: str) -> None:
    question = f"What is the VAT number of {name}?"
    with world.sessions() as session:
        assert of_others(session, about(question, FIELDS), [known]) == {(known.document_id, 1)}


@pytest.mark.parametrize(
    "question",
    [
        "What is the VAT number of Palene & Collins?",
        "What is the VAT number of Palene & Collins Holding AG?",
        "What is the VAT number of Collins?",
        "What is the VAT number of P. Collins?",
        "What is the VAT number on the invoice to Steven Ward?",
    ],
)
def test_it_is_told_for_the_vendors_name_or_a_part_of_it_and_for_whom_the_paper_is(
    world: World, known: PageReply, question: str
) -> None:
    with world.sessions() as session:
        assert not of_others(session, about(question, FIELDS), [known])


def test_a_statement_tells_no_account_of_those_who_are_named_in_its_movements(world: World) -> None:
    archive = archive_in(world, "statement", schemas._builtins()["statement"])
    rows = [{"description": "Salary Zenith Books B.V."}, {"description": "Transfer from Anna Weber"}]
    document = archive.add("s.pdf", account_holder="Anna Weber", iban=IBAN, transactions=rows)
    misread = PageReply(document, 1, {"text": IBAN.removesuffix("0")})
    with world.sessions() as session:
        for name, others in (("Zenith Books Inc.", {(document, 1)}), ("Anna Weber", set())):
            assert of_others(session, about(f"What is the IBAN of {name}?", FIELDS), [misread]) == others


def test_a_customers_own_number_is_told(world: World) -> None:
    said = {"vendor_name": "Acme", "customer_name": "Weber GmbH", "customer_vat_id": VAT}
    fields = [
        Stated(
            "d",
            "r",
            field,
            FieldKind.VAT if field.endswith("id") else FieldKind.TEXT,
            raw,
            None,
            0.99,
            corrected=False,
            row=-1,
        )
        for field, raw in said.items()
    ]
    assert not _is_anothers(fields, [("weber",)], VAT)
    assert _is_anothers([*fields[:2], replace(fields[2], field="vat_id")], [("weber",)], VAT)


def test_another_code_on_the_page_may_be_the_customers(world: World, told: PageReply) -> None:
    other = PageReply(told.document_id, 1, {"text": "DE02 1203 0000 0000 2020 51"})
    with world.sessions() as session:
        assert not of_others(session, about("What is the IBAN of Weber Bau KG?", FIELDS), [other])
