"""A question that goes on from an exact one is an exact one, too."""

import pytest

from storage.database import Session
from tests.storage.world import World
from tests.workers.plans.conftest import TODAY
from workers.followups import Told, follow_up
from workers.plans.understanding import understand

ACME = 'vendor_name = "acme ltd"'
OF_2023 = "invoice_date between 2023-01-01 and 2023-12-31"
OF_2024 = "invoice_date between 2024-01-01 and 2024-12-31"
COUNT = Told("How many invoices from Acme in 2023?", "2", ("a", "b"), names=("acme ltd",))
SUM = Told("What is the total of all invoices from Acme in 2023?", "350.50 EUR", ("a", "b"), names=("acme ltd",))
LARGEST = Told("What is the largest invoice?", "1000.00 USD", ("a",))
ANZAHL = Told("Wie viele Rechnungen von Acme gibt es im Jahr 2023?", "2", ("a", "b"), names=("acme ltd",))
SUMME = Told("Wie hoch ist die Summe aller Rechnungen von Acme im Jahr 2023?", "2", ("a", "b"), names=("acme ltd",))


@pytest.mark.parametrize(
    ("before", "question", "plan"),
    [
        (COUNT, "and in 2024?", f"count invoice where {ACME} and {OF_2024}"),
        (COUNT, "and from Meyer GmbH?", f'count invoice where vendor_name = "meyer gmbh" and {OF_2023}'),
        (COUNT, "Meyer GmbH?", f'count invoice where vendor_name = "meyer gmbh" and {OF_2023}'),
        (COUNT, "which of them is the largest?", "largest invoice total"),
        (COUNT, "how many of them are over 100 EUR?", "count invoice where total > 100 EUR"),
        (COUNT, "what is their total?", "sum invoice total"),
        (COUNT, "how much is that in total?", "sum invoice total"),
        (SUM, "and in 2024?", f"sum invoice total where {ACME} and {OF_2024}"),
        (SUM, "and the tax?", f"sum invoice tax where {ACME} and {OF_2023}"),
        (LARGEST, "and in 2023?", f"largest invoice total where {OF_2023}"),
        (ANZAHL, "und 2024?", f"count invoice where {ACME} and {OF_2024}"),
        (ANZAHL, "und von Meyer GmbH?", f'count invoice where vendor_name = "meyer gmbh" and {OF_2023}'),
        (ANZAHL, "Welche davon ist die größte?", "largest invoice total"),
        (SUMME, "und 2024?", f"sum invoice total where {ACME} and {OF_2024}"),
    ],
)
def test_a_follow_up_of_an_exact_question_is_exact(
    before: Told, question: str, plan: str, session: Session, archive: World
) -> None:
    meant = follow_up(question, [before]).question
    understood = understand(session, archive.workspace_id, meant, TODAY)
    assert understood is not None, meant
    told = [understood.plan.intent.value, understood.plan.schema, understood.plan.field]
    told += [f"where {understood.plan.where_text}" if understood.plan.where_text else None]
    assert " ".join(part for part in told if part) == plan, meant
