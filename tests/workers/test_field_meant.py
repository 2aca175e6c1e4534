"""Which field of a schema a question to a page means."""

import pytest

from storage.database import Sessions
from storage.tables import Workspace
from workers.field_meant import field_meant


@pytest.mark.parametrize("each_database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("What is the IBAN of Meyer GmbH?", "iban"),
        ("How much is invoice A-4711?", "total"),
        ("How much is invoice A-4711 before tax?", "subtotal"),
        ("When was receipt 4711 issued?", "date"),
        ("When was invoice 4711 issued?", "invoice date"),
        ("Who sent the letter with the reference AZ-771?", "sender"),
        ("Who is invoice 4711 billed to?", "customer name"),
        ("What is the project number on statement 8/2023?", None),
        ("How much is the shipping on invoice 4711?", None),
        ("How many legs does a spider have?", None),
    ],
)
def test_a_question_means_one_field_or_none(
    sessions: Sessions, workspace: Workspace, question: str, title: str | None
) -> None:
    with sessions() as session:
        assert field_meant(session, workspace.id, question) == title
