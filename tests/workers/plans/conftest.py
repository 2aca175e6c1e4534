"""An archive of records to ask exact questions of, made once; nothing is written to it."""

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from storage import schemas
from storage.database import Session, make_engine, make_sessions
from tests.storage.records_world import Archive, archive_in
from tests.storage.world import World, world_of

TODAY = dt.date(2024, 11, 25)
IBAN = "DE89370400440532013000"
REVIEW = "needs_review"

INVOICES: list[dict[str, Any]] = [
    {"invoice_number": "INV-1", "vendor_name": "Acme Ltd", "customer_name": "Bolt AG", "invoice_date": "2023-01-05"}
    | {"total": "100.00 EUR", "tax": "19.00 EUR", "due_date": "2023-02-05"},
    {"invoice_number": "INV-2", "vendor_name": "Acme Ltd", "customer_name": "Bolt AG", "invoice_date": "2023-02-05"}
    | {"total": "250.50 EUR", "tax": "47.60 EUR"},
    {"invoice_number": "INV-3", "vendor_name": "Meyer GmbH", "customer_name": "Zed Inc", "invoice_date": "2024-03-01"}
    | {"total": "99.99 EUR", "iban": IBAN},
    {"invoice_number": "INV-4", "vendor_name": "Bank of America", "customer_name": "Bolt AG", "total": "1000.00 USD"}
    | {"invoice_date": "2024-03-09"},
    {"invoice_number": "INV-5", "vendor_name": "Meyer GmbH", "customer_name": "Acme Ltd", "iban": IBAN}
    | {"total": {"typed": None, "raw": "smudge", "problem": "not-an-amount"}},
    {"invoice_number": "INV-6", "vendor_name": "March & May Partners", "customer_name": "Zed Inc"}
    | {"total": {"typed": {"amount": "12.00", "currency": None}, "raw": "12.00", "decision": REVIEW}}
    | {"invoice_date": "2022-12-31"},
]
LINES = {0: [("nails", "60 EUR"), ("boat", "40 EUR")], 2: [("glue", "99.99 EUR")]}


def stock(world: World) -> dict[str, Archive]:
    """Six invoices, one that says nothing, two letters, and a document that nobody read."""
    builtins = schemas._builtins()
    archives = {name: archive_in(world, name, builtins[name]) for name in ("invoice", "letter")}
    for number, said in enumerate(INVOICES):
        lines = [{"description": d, "quantity": 2, "amount": a} for d, a in LINES.get(number, ())]
        archives["invoice"].add(f"i{number + 1}.pdf", **said, line_items=lines)
    archives["invoice"].add("empty.pdf")
    archives["letter"].add("l1.pdf", sender="Acme Ltd", recipient="Zed Inc", date="2024-01-02", subject="Parking fines")
    archives["letter"].add("l2.pdf", sender="City of Vogar", date="2023-06-30", subject="Your parking permit")
    world.add(2, name="unread.pdf", draw=False)
    return archives


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[World]:
    """All of `stock` in a file; to be read only."""
    path = tmp_path_factory.mktemp("plans") / "folioscope.db"
    shutil.copyfile(sqlite_template, path)
    engine = make_engine(f"sqlite:///{path}")
    world = world_of(make_sessions(engine), "default")
    stock(world)
    yield world
    engine.dispose()


@pytest.fixture
def session(archive: World) -> Iterator[Session]:
    """A session on the archive."""
    with archive.sessions() as session:
        yield session
