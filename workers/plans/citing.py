"""Every row behind a number as people and programs are shown it: document, page, box, field and what is there."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from core.records import FieldKind, ValueState
from storage import cited
from storage.cited import Row
from storage.database import Session
from storage.paging import Listing
from storage.record_values import NO_ROW
from storage.sums import MILLION, Standing
from storage.tables import RecordValue
from workers.plans.plan import Intent, Plan
from workers.plans.running import LEFT_OUT, Outcome, asked_of, extremes_of, run
from workers.plans.vocabulary import Vocabulary
from workers.plans.words import title_of

FIRST = 100  # citations that come with the answer itself

Json = dict[str, Any]


def citations(
    session: Session,
    workspace_id: str,
    plan: Plan,
    cursor: str | None = None,
    document_ids: Collection[str] | None = None,
    limit: int = FIRST,
) -> Listing[Json]:
    """One part of the rows that make the plan's number, as they stand now. Raises InvalidCursor, SchemaNotFound."""
    if plan.intent in {Intent.SMALLEST, Intent.LARGEST}:
        outcome = run(session, workspace_id, plan, document_ids)
        extreme = extremes_of(session, plan, outcome)
        listing = cited.list_rows(session, outcome.asked, cursor=cursor, limit=limit, groups=extreme)
    else:
        _, _, asked = asked_of(session, workspace_id, plan, document_ids)
        groups = run(session, workspace_id, plan, document_ids).groups if plan.top else None
        listing = cited.list_rows(session, asked, cursor=cursor, limit=limit, groups=groups)
    return Listing(cited_rows(session, listing.items), listing.next_cursor)


def cited_rows(session: Session, rows: Sequence[Row]) -> list[Json]:
    """Citations of rows. A record as a whole is shown by the first value that was found in it."""
    bare = [row.record_id for row in rows if row.value is None or row.value.page is None]
    first = cited.first_values(session, bare) if bare else {}
    return [_citation(row, row.value if row.value is not None else first.get(row.record_id)) for row in rows]


def unsure_rows(session: Session, outcome: Outcome) -> list[Json]:
    """The first rows that count and need a review."""
    if not outcome.left_out.unsure:
        return []
    return cited_rows(
        session, cited.list_rows(session, outcome.asked, limit=FIRST, unsure=True, groups=outcome.groups).items
    )


def missing_rows(session: Session, plan: Plan, outcome: Outcome, vocabulary: Vocabulary) -> list[Json]:
    """The first documents that the number is without, each with the reason."""
    if not outcome.left_out.all:
        return []
    rows = cited.list_rows(session, outcome.asked, LEFT_OUT, limit=FIRST).items
    return [
        {
            "document": row.document_id,
            "document_name": row.document_name,
            "reason": _reason(row, plan, outcome, vocabulary),
        }
        for row in rows
    ]


def _citation(row: Row, value: RecordValue | None) -> Json:
    return {
        "document": row.document_id,
        "document_name": row.document_name,
        "page": value.page if value is not None else None,
        "box": value.box if value is not None else None,
        "record": row.record_id,
        "field": _path(value),
        "text": (value.raw if value.raw is not None else value.text) if value is not None else None,
        "number": number_of(value),
        "state": (value.state if value is not None else ValueState.ABSENT).value,
    }


def _path(value: RecordValue | None) -> str | None:
    """The value's path; of a cell with its row."""
    if value is None or value.row == NO_ROW:
        return value.field if value is not None else None
    table, _, column = value.field.rpartition(".")
    return f"{table}[{value.row}].{column}"


def number_of(value: RecordValue | None) -> int | float | None:
    """A value as a number of JSON."""
    if value is None or value.millionths is None or value.kind is FieldKind.BOOLEAN:
        return None
    return plain_number(Decimal(value.millionths) / MILLION)


def plain_number(value: Decimal) -> int | float:
    """A number of JSON: whole where it is whole."""
    return int(value) if value == value.to_integral_value() else float(value)


def _reason(row: Row, plan: Plan, outcome: Outcome, vocabulary: Vocabulary) -> str:
    lacks_group = plan.by is not None and (plan.field is None or row.measure is not None)
    title = title_of(plan.by.field if plan.by is not None and lacks_group else plan.field, vocabulary.wanted)
    match row.standing:
        case Standing.EMPTY:
            return "nothing was found in it"
        case Standing.UNDECIDED:
            fields = dict.fromkeys(title_of(one.field, vocabulary.wanted) for one in plan.where)
            return f"no readable {' or '.join(fields)}"
        case Standing.MISSING:
            lacks = next((v.lacks for v in outcome.asked.versions if v.number == row.version), None)
            return f"read under version {row.version}, which has no {lacks}" if lacks else f"no {title}"
        case _:
            return f"{title} says nothing" if lacks_group else _unreadable(row, title, plan)


def _unreadable(row: Row, title: str, plan: Plan) -> str:
    value = row.value
    if value is not None and value.millionths is not None and plan.currency is not None:
        return f"no currency of its {title}"
    raw = value.raw if value is not None else None
    return f"{title} could not be read" if raw is None else f"{title} reads {raw[:80]!r}"
