"""Schemas proposed from what pages print."""

import pytest

from core.records import Box, FieldKind
from storage.schemas import check_body
from workers.label import is_label, kind_of, name_of, parted
from workers.proposal import Proposal, propose
from workers.vlm.interface import Line

HEIGHT = 0.02


def page(*rows: str) -> list[Line]:
    """Lines of a page: rows from top to bottom, `|` between what stands apart, at a quarter of the width each."""
    return [
        Line(text.strip(), Box(n / 4, y * HEIGHT * 1.5, n / 4 + 0.2, y * HEIGHT * 1.5 + HEIGHT), 0.9)
        for y, row in enumerate(rows)
        for n, text in enumerate(row.split("|"))
        if text.strip()
    ]


def kinds(proposal: Proposal) -> dict[str, FieldKind]:
    return {name: found.kind for name, found in proposal.kept().items()}


def test_labels_and_values_become_fields_with_what_the_values_are() -> None:
    proposal = propose(
        [
            [
                page(
                    "Acme Ltd",
                    "Invoice no.: A-4711",
                    "Date of issue ..... | 3 April 2025",
                    "IBAN | DE89 3704 0044 0532 0130 00",
                    "VAT no. | DE136695976",
                    "E-mail | jo@example.org",
                    "Phone: | +49 30 901820",
                    "Total 1.204,00 €",
                )
            ]
        ]
    )
    assert kinds(proposal) == {
        "invoice_no": FieldKind.TEXT,
        "date_of_issue": FieldKind.DATE,
        "iban": FieldKind.IBAN,
        "vat_no": FieldKind.VAT,
        "e_mail": FieldKind.EMAIL,
        "phone": FieldKind.PHONE,
        "total": FieldKind.MONEY,
    }
    assert proposal.body["properties"]["total"] == {"type": "string", "title": "Total", "format": "money"}
    check_body(proposal.body)


def test_words_beside_words_are_a_field_only_in_line_with_others() -> None:
    proposal = propose([[page("Claim no. | X-22", "Broker | Jo Miller", "To whom it | | may concern", "So | | be it")]])
    assert list(kinds(proposal)) == ["claim_no", "broker"]


def test_a_value_may_stand_under_its_label() -> None:
    proposal = propose([[page("Sold to: | Due:", "Jo Miller | 3.4.2025", "Some Road 1")]])
    assert {name: found.example for name, found in proposal.kept().items()} == {
        "sold_to": "Jo Miller",
        "due": "3.4.2025",
    }


def test_a_table_with_headings_becomes_an_array() -> None:
    proposal = propose(
        [
            [
                page(
                    "Invoice: A-1",
                    "Article | Qty | Amount",
                    "Cheese | 2 | 4.00 €",
                    "Batch 22",
                    "Bread | 1 | 2.50 €",
                    "Total: 6.50 €",
                )
            ]
        ]
    )
    body = proposal.body
    assert list(body["properties"]) == ["invoice", "total", "line_items"]
    columns = body["properties"]["line_items"]["items"]["properties"]
    assert {name: said.get("format") for name, said in columns.items()} == {
        "article": None,
        "qty": None,
        "amount": "money",
    }
    check_body(body)


def test_words_in_rows_without_figures_are_no_table() -> None:
    assert not propose([[page("Who | What | Where", "Jo | reads | here", "Flo | writes | there")]]).columns


def test_of_many_documents_what_few_have_is_left_out() -> None:
    same = page("Policy: P-1", "Premium: 12.00 €")
    proposal = propose([[same], [same], [same], [page("Policy: P-2", "Note: 12 pages")]])
    assert list(proposal.kept()) == ["policy", "premium"]


def test_values_of_many_kinds_are_texts() -> None:
    proposal = propose([[page("Until: 3.4.2025")], [page("Until: revoked")]])
    assert kinds(proposal) == {"until": FieldKind.TEXT}


def test_pages_without_labels_propose_nothing() -> None:
    assert propose([[page("Once upon a time there was a king who had no label"), page()]]).body["properties"] == {}


@pytest.mark.parametrize(
    ("text", "label", "value"),
    [
        ("Total: 12.00", "Total", "12.00"),
        ("Total 12.00 €", "Total", "12.00 €"),
        ("Date … 3 April 2025", "Date", "3 April 2025"),
        ("Reference . . . .", "Reference", ""),
        ("Page 1 of 2", "Page 1 of 2", ""),
        ("Sold to:", "Sold to", ""),
        ("", "", ""),
    ],
)
def test_a_line_is_parted_into_label_and_value(text: str, label: str, value: str) -> None:
    assert parted(text) == (label, value)


@pytest.mark.parametrize(
    ("label", "name"), [("Rechnungs-Nr.", "rechnungs_nr"), ("N° de TVA", "n_de_tva"), ("Größe", "grosse"), ("号码", "")]
)
def test_a_label_becomes_a_name(label: str, name: str) -> None:
    assert name_of(label) == name


@pytest.mark.parametrize("text", ["EUR", "Premium EUR", "12", "a", "x" * 60, "one two three four five six", "号码"])
def test_what_no_label_can_be(text: str) -> None:
    assert not is_label(text)


def test_a_code_is_what_its_label_says_where_its_checksum_does_not() -> None:
    assert kind_of("VAT no.", "DE123456789") is FieldKind.VAT
    assert kind_of("Claim", "DE123456789") is FieldKind.TEXT
