"""Long lists in parts: a cursor names the last row that was given out, so rows added meanwhile move nothing."""

import base64
import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, TypeVar

from core.errors import InvalidCursor
from storage.database import Session

T = TypeVar("T")
MOST = 500
_ID_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """A part of a list, and the cursor of the next part; None at the end."""

    items: list[T]
    next_cursor: str | None


def clamp(limit: int) -> int:
    """A limit that the service is willing to serve: 1 to 500."""
    return max(1, min(MOST, limit))


def encode_cursor(last_id: str) -> str:
    """The opaque cursor behind this row."""
    return base64.urlsafe_b64encode(bytes.fromhex(last_id)).decode().rstrip("=")


def decode_cursor(cursor: str) -> str:
    """The id of the last row that was given out. Raises InvalidCursor."""
    try:
        last_id = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).hex()
    except (binascii.Error, ValueError) as error:
        raise InvalidCursor("The cursor is broken; take next_cursor as it was given.") from error
    if len(last_id) != _ID_DIGITS:
        raise InvalidCursor("The cursor is broken; take next_cursor as it was given.")
    return last_id


def list_rows(
    session: Session, query: Any, row_id: Any, cursor: str | None, limit: int, *, newest_first: bool
) -> Listing[Any]:
    """One part of `query` in the order of `row_id`. A row of several columns comes as a tuple."""
    limit = clamp(limit)
    if cursor is not None:
        last = decode_cursor(cursor)
        query = query.where(row_id < last if newest_first else row_id > last)
    ordered = query.add_columns(row_id.label("cursor_id")).order_by(row_id.desc() if newest_first else row_id)
    rows = session.execute(ordered.limit(limit + 1)).all()
    shown = rows[:limit]
    items = [row[0] if len(row) == 2 else tuple(row[:-1]) for row in shown]  # noqa: PLR2004 - the entity and its id
    return Listing(items, encode_cursor(shown[-1].cursor_id) if len(rows) > limit else None)


def in_parts(things: Iterable[T], size: int = 500) -> Iterator[list[T]]:
    """Lists of at most `size`: a statement takes only so many parameters."""
    left = iter(things)
    while part := list(islice(left, size)):
        yield part
