"""What all tables share: how names are made, times and enums kept, and indexes over some rows."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    Enum,
    MetaData,
    String,
    TypeDecorator,
    text,
)
from sqlalchemy.orm import DeclarativeBase

from core.records import (
    Decision,
    DocumentState,
    FieldKind,
    ItemState,
    JobKind,
    JobState,
    LayerVerdict,
    PageState,
    Queue,
    ReadingSource,
    StopReason,
    ValueState,
)

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """An aware UTC time; SQLite keeps it without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; without the zone on SQLite."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the library's form
        """Aware again."""
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _named(kind: type[StrEnum]) -> Enum:
    """An enum stored by its value, as text."""
    return Enum(kind, native_enum=False, length=32, values_callable=lambda k: [m.value for m in k])


def only_where(condition: str) -> dict[str, Any]:
    """An index over some rows. A query that is to use it has the same words, and no parameters for them."""
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}


def bytewise(length: int) -> String:
    """Text in the order of its code points on every database, so that a cursor means the same everywhere."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


class Base(DeclarativeBase):
    """What all tables share."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Moment(),
        dict[str, Any]: JSON(none_as_null=True),
        list[Any]: JSON(none_as_null=True),
        **{kind: _named(kind) for kind in (DocumentState, PageState, JobKind, JobState, ItemState, Queue)},
        **{kind: _named(kind) for kind in (ValueState, StopReason, LayerVerdict, FieldKind, Decision, ReadingSource)},
    }


ID = String(32)
HASH = String(64)
