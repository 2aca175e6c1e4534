"""How PostgreSQL is to look for the newest pages that match: its planner takes rare words for common ones.

It knows about how many pages have a common word, and takes any other for one in two hundred. It does not know that to
look into a page costs more than to fetch it, and would go back through a million pages for a word that few have.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, cast, text
from sqlalchemy.dialects.postgresql import TSQUERY

from storage.database import Session
from storage.search_query import Search, as_tsquery, within_workspace
from storage.tables import Passage

_LOOK_COSTS = 2.5  # times what it costs to fetch a page that the index gave
_MOSTLY = 0.5  # of all pages: a workspace that has so many need not be looked up

_OWN_PLAN = text("SET LOCAL plan_cache_mode = force_custom_plan")  # rare and common words want other plans
_ESTIMATE = text(
    "EXPLAIN (FORMAT JSON) SELECT FROM passages WHERE vector @@ CAST(:asked AS tsquery) "
    "UNION ALL SELECT FROM passages WHERE vector @@ CAST(:mine AS tsquery)"
)
_PAGES = text("SELECT reltuples FROM pg_class WHERE oid = CAST('passages' AS regclass)")


@dataclass(frozen=True, slots=True)
class Matching:
    """A condition on passages, and what to sort them by for the newest first. The wall is still to be added."""

    passes: ColumnElement[bool]
    by: Any


def matching(session: Session, search: Search, workspace_id: str, document_ids: Sequence[str], most: int) -> Matching:
    """For at most so many pages of a workspace, or of some of its documents; on PostgreSQL."""
    session.execute(_OWN_PLAN)
    asked = as_tsquery(search, workspace_id, document_ids)
    (told,) = session.execute(_ESTIMATE, {"asked": asked, "mine": within_workspace(workspace_id)}).scalar_one()
    found, own = (part["Plan Rows"] for part in told["Plan"]["Plans"])
    pages = max(0.0, session.scalar(_PAGES) or 0.0)  # less where nobody has counted them yet
    if own > _MOSTLY * pages and not document_ids:
        asked = as_tsquery(search, None)  # nearly all that match are its own: the wall leaves out the others
    is_walked = found * found > _LOOK_COSTS * most * pages  # enough are met soon by going back from the newest
    by = Passage.id if is_walked else Passage.id + 0  # no index has the sum: what matches is sorted
    return Matching(Passage.vector.op("@@")(cast(asked, TSQUERY)), by.desc())
