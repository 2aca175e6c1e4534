"""What a page is asked of a question that names its document."""

import pytest

from workers.page_question import page_prompts, without_subject
from workers.vlm.interface import PromptKind


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("What is the IBAN of Meyer GmbH?", "What is the IBAN?"),
        ("What is Meyer GmbH's IBAN?", "What is the IBAN?"),
        ("When is invoice INV-2022-123 due?", "When is it due?"),
        ("How much has to be paid for receipt T 1847?", "How much has to be paid?"),
        ("Who is the invoice for order 2667-4467 billed to?", "Who is it billed to?"),
        ("What is the subject of the letter that Karl M. Fink signed?", "What is the subject?"),
        ("What is the credit limit on the form of johanna@example.com?", "What is the credit limit?"),
        ("What is the invoice number for order 77123?", "What is the invoice number?"),
        ("Wie lautet die IBAN der Firma Meyer GmbH?", "Wie lautet die IBAN?"),
        ("Quel est le montant total de la facture F-2023-11?", "Quel est le montant total?"),
    ],
)
def test_the_name_of_the_document_is_left_out(question: str, asked: str) -> None:
    assert without_subject(question) == asked
    assert [prompt.text for prompt in page_prompts(question)] == [asked]


@pytest.mark.parametrize("question", ["What is the IBAN?", "How many legs does a spider have?"])
def test_a_question_about_no_document_is_asked_as_it_is(question: str) -> None:
    assert [prompt.text for prompt in page_prompts(question)] == [question]


def test_a_row_of_a_table_keeps_its_name() -> None:
    assert "What does the Blue Table cost?" in [p.text for p in page_prompts("What does the Blue Table cost?")]


def test_the_field_that_is_meant_is_asked_by_its_title_too() -> None:
    prompts = page_prompts("Who is invoice 4711 billed to?", "customer name")
    assert [(p.kind, p.text) for p in prompts] == [
        (PromptKind.QUESTION, "Who is it billed to?"),
        (PromptKind.FIELD, "customer name"),
    ]
