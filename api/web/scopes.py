"""What a question is about, as chips that can be taken away: some documents, or those of records that pass a filter."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.routes.given import id_or_nobody
from core.errors import InvalidRequest
from storage import documents
from storage.database import Session
from workers.scopes import EVERYTHING, Scope

_MOST_CHIPS = 20


@dataclass(frozen=True, slots=True)
class Chip:
    """A document of a scope; the last may stand for many."""

    value: str  # ids, joined by commas
    text: str


@dataclass(frozen=True, slots=True)
class ShownScope:
    """A scope in words."""

    chips: tuple[Chip, ...] = ()
    documents: int = 0
    schema: str = ""
    where: str = ""

    @property
    def is_everything(self) -> bool:
        """Whether it leaves nothing out."""
        return not self.chips and not self.schema

    @property
    def about(self) -> str:
        """As part of a sentence."""
        if self.chips:
            return "one document" if self.documents == 1 else f"{self.documents:,} documents"
        if not self.schema:
            return "all documents"
        return f"the documents of {self.schema} records" + (f" where {self.where}" if self.where else "")


def scope_given(given: Sequence[str], schema: str, where: str) -> Scope:
    """From what an address or a form says; ids may be joined by commas. Raises InvalidRequest where it says both."""
    ids = dict.fromkeys(id_or_nobody(one) for some in given for one in some.split(",") if one.strip())
    if ids and schema:
        raise InvalidRequest("A question is about documents, or about those of records, and not both: take one away.")
    if ids:
        return Scope(tuple(ids))
    return Scope(None, schema, where.strip() or None) if schema else EVERYTHING


def shown_scope(session: Session, workspace_id: str, scope: Scope) -> ShownScope:
    """A scope in words; documents that were deleted are left out."""
    if scope.documents is None:
        return ShownScope(schema=scope.schema or "", where=scope.where or "")
    names = documents.names_in(session, workspace_id, scope.documents)
    there = [one for one in scope.documents if one in names]
    chips = [Chip(one, names[one]) for one in there[:_MOST_CHIPS]]
    if more := there[_MOST_CHIPS:]:
        chips.append(Chip(",".join(more), f"{len(more):,} more"))
    return ShownScope(tuple(chips), len(there))
