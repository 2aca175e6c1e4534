"""Whose account an answer is: on an invoice the vendor's, whoever else is named there."""

import pytest

from storage import schemas
from storage.database import Sessions
from tests.storage.records_world import archive_in
from tests.storage.world import World, world_of
from workers.choice import PageReply
from workers.owning import of_others
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


def test_another_code_on_the_page_may_be_the_customers(world: World, told: PageReply) -> None:
    other = PageReply(told.document_id, 1, {"text": "DE02 1203 0000 0000 2020 51"})
    with world.sessions() as session:
        assert not of_others(session, about("What is the IBAN of Weber Bau KG?", FIELDS), [other])
