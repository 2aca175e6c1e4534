"""What it would cost to read what a question needs and nobody read yet, and the command that does it."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from storage import cited, schemas
from storage.database import Session
from storage.tables import Schema
from workers.estimate import Estimate, Reader, estimate
from workers.prompts import prompts_of

_MOST_NAMED = 20  # documents that a command names
_MOST_COUNTED = 2_000  # documents whose pages are looked up for an estimate
_MOST_STARTED = 100_000  # documents of one extraction, unless it is of all


class Whose(StrEnum):
    """Which documents of a question's scope are still to be read."""

    ALL = "all"  # under the latest version
    NOT_AS_IT = "not_as_it"  # those without a record under any version of the schema
    UNREAD = "unread"  # those without any record


@dataclass(frozen=True, slots=True)
class Offer:
    """An extraction that is still to be done."""

    schema: str
    documents: int
    pages: int
    pages_to_read: int  # those that the model would look at
    model_calls: int  # what it would be asked on them
    seconds: float | None  # None: the model has read nothing here yet, or there is too much to look it up
    command: str
    whose: Whose

    @property
    def text(self) -> str:
        """As a sentence."""
        time = "" if self.seconds is None else f", about {_time(self.seconds)}"
        return f"To read them: {self.command} ({self.pages:,} pages, {self.pages_to_read:,} for the model{time})."


def offer(
    session: Session,
    workspace_id: str,
    schema: Schema,
    document_ids: Collection[str] | None,
    reader: Reader,
    *,
    only_unread: bool,
) -> Offer | None:
    """The extraction of what was never read under the schema; with `only_unread`, under no schema at all.

    None where there is nothing left to read.
    """
    whose = Whose.UNREAD if only_unread else Whose.NOT_AS_IT
    missing = _missing(session, workspace_id, schema.name, whose, document_ids, _MOST_COUNTED + 1)
    if not missing:
        return None
    command = f"folioscope extract --schema {schema.name}"
    if len(missing) <= _MOST_NAMED and (document_ids is not None or only_unread):
        command += f" --documents {','.join(missing)}"
    if len(missing) > _MOST_COUNTED:
        return _without_time(session, workspace_id, schema, document_ids, command, whose)
    cost = estimate(session, workspace_id, schema, missing, reader)
    return _costing(schema, cost, command, whose)


def again(
    session: Session, workspace_id: str, schema: Schema, document_ids: Collection[str] | None, reader: Reader
) -> Offer:
    """The extraction under the latest version, as the one that was read under lacks what is asked for."""
    some = None if document_ids is None or len(document_ids) > _MOST_COUNTED else list(document_ids)
    cost = estimate(session, workspace_id, schema, some, reader)
    named = some is not None and len(some) <= _MOST_NAMED
    command = f"folioscope extract --schema {schema.name}" + (f" --documents {','.join(some or ())}" if named else "")
    return _costing(schema, cost, command, Whose.ALL)


def documents_offered(
    session: Session, workspace_id: str, name: str, whose: Whose, document_ids: Collection[str] | None
) -> list[str] | None:
    """The documents that an offered extraction is about now, within those of the question; None: all there are."""
    if whose is Whose.ALL:
        return None if document_ids is None else list(document_ids)
    return _missing(session, workspace_id, name, whose, document_ids, _MOST_STARTED)


def _missing(
    session: Session, workspace_id: str, name: str, whose: Whose, document_ids: Collection[str] | None, most: int
) -> list[str]:
    versions = [version.id for version in schemas.list_versions(session, workspace_id, name)]
    wanted = [] if whose is Whose.UNREAD else versions
    return cited.unread_documents(session, workspace_id, wanted, document_ids, most)


def _costing(schema: Schema, cost: Estimate, command: str, whose: Whose) -> Offer:
    """An offer with what it takes."""
    return Offer(
        schema.name, cost.documents, cost.pages, cost.pages_to_read, cost.inferences, cost.seconds, command, whose
    )


def _without_time(
    session: Session,
    workspace_id: str,
    schema: Schema,
    document_ids: Collection[str] | None,
    command: str,
    whose: Whose,
) -> Offer:
    documents, pages = cited.count_pages(session, workspace_id, document_ids)
    prompts = len(prompts_of(schema.body))
    return Offer(schema.name, documents, pages, pages, pages * prompts, None, command, whose)


def _time(seconds: float) -> str:
    if seconds < 90:  # noqa: PLR2004 - then minutes say more
        return f"{seconds:.0f} seconds"
    minutes = seconds / 60
    return f"{minutes:.0f} minutes" if minutes < 90 else f"{minutes / 60:.1f} hours"  # noqa: PLR2004 - then hours do
