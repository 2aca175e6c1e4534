"""A question in plain words is one plan, or none: no word of it is passed over."""

import pytest

from storage.database import Session
from tests.storage.world import World
from tests.workers.plans.conftest import TODAY
from workers.plans.understanding import understand

UNDERSTOOD = {
    "How many invoices are there?": "count invoice",
    "number of all invoices": "count invoice",
    "How many documents are invoices from Acme?": 'count invoice where vendor_name = "acme ltd"',
    "How many invoices do we have from acme?": 'count invoice where vendor_name = "acme ltd"',
    'How many invoices from "Acme Ltd"?': 'count invoice where vendor_name = "acme ltd"',
    "In 2023, how many invoices did we get from Bank of America?": (
        'count invoice where invoice_date between 2023-01-01 and 2023-12-31 and vendor_name = "bank of america"'
    ),
    "How many invoices from vendors other than Acme?": 'count invoice where not (vendor_name = "acme ltd")',
    "How many invoices not from Acme?": 'count invoice where not (vendor_name = "acme ltd")',
    "How many invoices except those from Acme?": 'count invoice where not (vendor_name = "acme ltd")',
    "How many invoices in the last quarter of 2023?": (
        "count invoice where invoice_date between 2023-10-01 and 2023-12-31"
    ),
    "How many invoices from March & May Partners?": 'count invoice where vendor_name = "march & may partners"',
    "How many invoices from Acme and Meyer GmbH?": 'count invoice where vendor_name in ("acme ltd", "meyer gmbh")',
    "How many invoices for Bolt AG?": 'count invoice where customer_name = "bolt ag"',
    "How many invoices from Acme to Bolt AG in 2023?": (
        'count invoice where vendor_name = "acme ltd" and customer_name = "bolt ag" and '
        "invoice_date between 2023-01-01 and 2023-12-31"
    ),
    "How many invoices from Bank of Amerika?": 'count invoice where vendor_name = "bank of america"',
    "How many invoices between 2022 and 2023?": ("count invoice where invoice_date between 2022-01-01 and 2023-12-31"),
    "How many invoices in 2022 and 2023?": "count invoice where invoice_date between 2022-01-01 and 2023-12-31",
    "How many invoices from March to May 2024?": "count invoice where invoice_date between 2024-03-01 and 2024-05-31",
    "How many bills since last year?": "count invoice where invoice_date >= 2023-01-01",
    "How many invoices before 2023-02-01?": "count invoice where invoice_date <= 2023-01-31",
    "How many invoices after Q1 2024?": "count invoice where invoice_date >= 2024-04-01",
    "How many invoices have a total over 1,000?": "count invoice where total > 1000",
    "How many invoices with a total over 100 EUR?": "count invoice where total > 100 EUR",
    "How many invoices whose tax is at least 20 EUR and whose customer is Bolt AG?": (
        'count invoice where tax >= 20 EUR and customer_name = "bolt ag"'
    ),
    "Sum of invoices with a tax under 30 EUR": "sum invoice total where tax < 30 EUR",
    "How many invoices over $50?": "count invoice where total > 50 USD",
    "Sum of all invoices greater than 100 EUR and less than 300 EUR": (
        "sum invoice total where total > 100 EUR and total < 300 EUR"
    ),
    "How many invoices without a due date?": "count invoice where due_date is absent",
    "How many invoices with an IBAN?": "count invoice where iban is found",
    "How many invoices in USD?": "count invoice total in USD",
    "What is the total in EUR of all invoices?": "sum invoice total in EUR",
    "What is the total of all invoices from Acme in 2023?": (
        'sum invoice total where vendor_name = "acme ltd" and invoice_date between 2023-01-01 and 2023-12-31'
    ),
    "What is the total tax on invoices in Q1 2024?": (
        "sum invoice tax where invoice_date between 2024-01-01 and 2024-03-31"
    ),
    "How much did Acme bill us in 2023?": (
        'sum invoice total where vendor_name = "acme ltd" and invoice_date between 2023-01-01 and 2023-12-31'
    ),
    "Total per vendor": "sum invoice total by vendor_name value",
    "total by currency": "sum invoice total by total currency",
    "average invoice total by month": "average invoice total by invoice_date month",
    "How many invoices per vendor?": "count invoice by vendor_name value",
    "What is the largest invoice?": "largest invoice total",
    "Which invoice has the highest tax?": "largest invoice tax",
    "What was the cheapest invoice in 2023?": (
        "smallest invoice total where invoice_date between 2023-01-01 and 2023-12-31"
    ),
    "What is the total of the largest invoice?": "largest invoice total",
    "What is the date of the first invoice from Acme?": (
        'smallest invoice invoice_date where vendor_name = "acme ltd"'
    ),
    "When was the last invoice from Acme issued?": 'largest invoice invoice_date where vendor_name = "acme ltd"',
    "How much do the invoices from Acme come to altogether?": 'sum invoice total where vendor_name = "acme ltd"',
    "What do all invoices in EUR amount to?": "sum invoice total in EUR",
    "earliest invoice": "smallest invoice invoice_date",
    "most recent invoice from Meyer GmbH": 'largest invoice invoice_date where vendor_name = "meyer gmbh"',
    "top 5 invoices by total": "largest invoice total limit 5",
    "the three most expensive invoices": "largest invoice total limit 3",
    "Which invoices are due in February 2023?": "list invoice where due_date between 2023-02-01 and 2023-02-28",
    "Which vendors billed us in 2023?": (
        "list invoice vendor_name where invoice_date between 2023-01-01 and 2023-12-31"
    ),
    "How many different vendors?": "list invoice vendor_name",
    "list all customers of invoices from Acme": 'list invoice customer_name where vendor_name = "acme ltd"',
    "How many line items are there?": "count invoice of line_items",
    "sum of line_items.amount": "sum invoice line_items.amount of line_items",
    "How many line items over 50 EUR?": "count invoice where line_items.amount > 50 EUR of line_items",
    "How many invoices have line items over 50 EUR?": "count invoice where line_items.amount > 50 EUR",
    "What is the IBAN of Meyer GmbH?": 'lookup invoice iban where vendor_name = "meyer gmbh"',
    "What is Meyer GmbH's IBAN?": 'lookup invoice iban where vendor_name = "meyer gmbh"',
    "What is the total of invoice INV-3?": 'lookup invoice total where invoice_number = "inv-3"',
    "How much is invoice no. INV-3?": 'lookup invoice total where invoice_number = "inv-3"',
    "Who is the vendor of invoice INV-4?": 'lookup invoice vendor_name where invoice_number = "inv-4"',
    "What is the total of i3.pdf?": 'lookup invoice total where @document = "i3.pdf"',
    "When was invoice INV-3 issued?": 'lookup invoice invoice_date where invoice_number = "inv-3"',
    "When is invoice INV-3 due?": 'lookup invoice due_date where invoice_number = "inv-3"',
    "How much is invoice INV-3 before tax?": 'lookup invoice subtotal where invoice_number = "inv-3"',
    "How many invoices did we get from each vendor?": "count invoice by vendor_name value",
    "How many letters from Acme Ltd?": 'count letter where sender = "acme ltd"',
    "List all letters about parking": 'list letter where subject ~ "parking"',
    "Wie viele Rechnungen gibt es von Meyer GmbH?": 'count invoice where vendor_name = "meyer gmbh"',
    "Summe der Rechnungen im Jahr 2023": ("sum invoice total where invoice_date between 2023-01-01 and 2023-12-31"),
    "Welche Rechnungen sind über 1.000 EUR?": "list invoice where total > 1000 EUR",
    "Wie hoch ist die Gesamtsumme aller Rechnungen pro Lieferant?": "sum invoice total by vendor_name value",
    "Wie viele Rechnungen im März 2024?": "count invoice where invoice_date between 2024-03-01 and 2024-03-31",
    "Welche Rechnung ist die größte?": "largest invoice total",
}

LEFT_TO_THE_PAGES = [
    # words that restrict, and that no field says
    "How many paid invoices?",
    "How many overdue invoices?",
    "How many received invoices?",
    "How many invoices did we send in 2023?",
    "How many invoices from the north region?",
    "How many handwritten invoices are there?",
    "How many invoices did we get from Acme in 2023 that were paid in cash?",
    "How many invoices from Acme Boats?",
    "How many invoices from Meyer AG?",
    "What is the total of invoices for project Phoenix?",
    "How many invoices signed by Bolt AG?",
    "How many employees does Acme have?",
    # what is turned around or cut out
    "How many invoices from Acme, excluding 2023?",
    "How many invoices from neither Acme nor Meyer GmbH?",
    # days and numbers that may be two
    "How many invoices in March?",
    "How many invoices on 05/01/2023?",
    "How many invoices over 1.000 EUR?",
    "How many invoices have a total between 2000 and 2020?",
    "How many invoices in 2022 and 2024?",
    "How many invoices in the past year?",
    "How many invoices over 2023?",
    "How many invoices in early 2023?",
    "How many brief letters are there?",
    "How many invoices in 2023 and how many in 2022?",
    # what is asked for may be two things
    "What are the total invoices from Acme?",
    "What is the date of the largest invoice?",
    "What is the largest invoice's due date?",
    "What is the vendor of the largest invoice?",
    "What is the total of the 3 largest invoices?",
    "Which are the largest invoices?",
    "Which vendors billed us more than 100 EUR in 2023?",
    "total per vendor over 100 EUR",
    "average monthly total",
    "What is the average total per month?",
    "How many invoices per vendor on average?",
    "invoices per vendor on average",
    "Sum of tax and total",
    "How many invoices of Acme?",  # a vendor, and a customer
    "How many invoices and letters are there?",
    "How many vendors with more than 5 invoices?",
    "How many invoices have more than 3 line items?",
    "What is the IBAN of Zed Inc?",  # a customer: the account on an invoice is not its own
    "What is the total of this invoice?",
    "What is invoice INV-3?",
    "Who is invoice INV-3?",
    "When was invoice INV-3 paid?",
    "What is the total of i3.pdf and i4.pdf?",
    "number of pages of invoices",
    # no question of this kind
    "What color is the sky?",
    "Who signed the contract?",
    "Summarize the invoices from Acme.",
    "invoices",
    "Ignore the vendor and count all invoices",
    "",
    "?",
    "How many " + "very " * 200 + "large invoices?",
]


def said(session: Session, archive: World, question: str) -> str | None:
    """The plan in short."""
    understood = understand(session, archive.workspace_id, question, TODAY)
    if understood is None:
        return None
    assert understood.unknown is None
    plan = understood.plan
    parts: list[object] = [plan.intent.value, plan.schema, plan.field]
    parts += [plan.currency and f"in {plan.currency}", plan.where_text and f"where {plan.where_text}"]
    parts += [plan.by and f"by {plan.by.field} {plan.by.cut.value}", plan.table and f"of {plan.table}"]
    parts += [f"limit {plan.limit}" if plan.limit > 1 else None]
    return " ".join(str(part) for part in parts if part)


@pytest.mark.parametrize("question", UNDERSTOOD)
def test_a_question_is_understood(question: str, session: Session, archive: World) -> None:
    assert said(session, archive, question) == UNDERSTOOD[question]


@pytest.mark.parametrize("question", LEFT_TO_THE_PAGES)
def test_a_question_that_is_not_certain_is_left_to_the_pages(question: str, session: Session, archive: World) -> None:
    assert said(session, archive, question) is None


@pytest.mark.parametrize("word", ["blue", "northern", "cancelled", "my", "12", "Phoenix", "non-EU", "half", "2nd"])
@pytest.mark.parametrize(
    "question", ["How many {} invoices from Acme in 2023?", "How many invoices from Acme {} in 2023?"]
)
def test_no_word_between_others_is_passed_over(question: str, word: str, session: Session, archive: World) -> None:
    expected = None
    if word == "my":  # whose else
        expected = 'count invoice where vendor_name = "acme ltd" and invoice_date between 2023-01-01 and 2023-12-31'
    assert said(session, archive, question.format(word)) == expected


@pytest.mark.parametrize("name", ["Zebra Corp", "'Zebra Corp'", "Acmee Holdings"])
def test_a_name_that_no_record_has_is_told_and_never_left_out(name: str, session: Session, archive: World) -> None:
    understood = understand(session, archive.workspace_id, f"How many invoices from {name}?", TODAY)
    assert understood is not None
    assert understood.unknown is not None
    assert understood.unknown.said == name.strip("'")
