"""An archive with names that are nearly the same, in several currencies and under several schemas, to ask widely."""

from typing import Any

from storage import schemas
from tests.storage.records_world import archive_in
from tests.storage.world import World

IBAN = "DE89370400440532013000"
INVOICES: list[dict[str, Any]] = [
    {"invoice_number": "INV-1", "vendor_name": "Meyer GmbH", "customer_name": "Bolt AG", "invoice_date": "2023-01-05"}
    | {"total": "119.00 EUR", "tax": "19.00 EUR", "subtotal": "100.00 EUR", "due_date": "2023-02-05", "iban": IBAN},
    {"invoice_number": "INV-2", "vendor_name": "Meyer GrnbH", "customer_name": "Bolt AG", "invoice_date": "2023-04-05"}
    | {"total": "238.00 EUR", "tax": "38.00 EUR"},
    {"invoice_number": "INV-3", "vendor_name": "MEYER GMBH", "customer_name": "Zed Inc", "invoice_date": "2024-03-01"}
    | {"total": "59.50 EUR", "tax": "9.50 EUR"},
    {"invoice_number": "INV-4", "vendor_name": "Acme Ltd", "customer_name": "Bolt AG", "invoice_date": "2024-03-09"}
    | {"total": "1000.00 USD", "due_date": "2024-04-09"},
    {"invoice_number": "INV-5", "vendor_name": "Acme Ltd", "customer_name": "Zed Inc", "invoice_date": "2024-11-02"}
    | {"total": "500.00 USD", "tax": "80.00 USD"},
    {"invoice_number": "INV-6", "vendor_name": "Acrne Ltd", "customer_name": "Zed Inc", "invoice_date": "2024-10-30"}
    | {"total": "70.00 USD"},
    {"invoice_number": "INV-7", "vendor_name": "Bäckerei Süß", "customer_name": "Bolt AG", "total": "12.00 EUR"}
    | {"invoice_date": "2022-12-31"},
    {"invoice_number": "INV-8", "vendor_name": "Store 12", "customer_name": "Bolt AG", "total": "20.00 EUR"},
    {"invoice_number": "INV-9", "vendor_name": "Store 13", "customer_name": "Bolt AG", "total": "30.00 EUR"},
]
RECEIPTS: list[dict[str, Any]] = [
    {"merchant": "Corner Shop", "date": "2023-05-01", "total": "9.90 EUR", "payment_method": "Visa"},
    {"merchant": "Corner Shop", "date": "2024-05-01", "total": "19.90 EUR", "payment_method": "cash"},
]
LETTERS: list[dict[str, Any]] = [
    {"sender": "Acme Ltd", "recipient": "Zed Inc", "date": "2024-01-02", "subject": "Parking fines"},
    {"sender": "City of Vogar", "date": "2023-06-30", "subject": "Your parking permit"},
]
STATEMENTS: list[dict[str, Any]] = [
    {"bank_name": "Bank of Vogar", "account_holder": "Ada Ray", "closing_balance": "12.00 EUR"},
]


def stock_widely(world: World) -> None:
    """Invoices, receipts, letters and a bank statement."""
    builtins = schemas._builtins()
    said = {"invoice": INVOICES, "receipt": RECEIPTS, "letter": LETTERS, "statement": STATEMENTS}
    for name, all_said in said.items():
        archive = archive_in(world, name, builtins[name])
        for number, one in enumerate(all_said, 1):
            archive.add(f"{name}{number}.pdf", **one)
