"""What the service needs to work, looked at part by part."""

from collections.abc import Callable

from api.desk import FrontDesk
from core.errors import ServiceUnavailable
from storage.database import check_connection
from workers import send


def parts_of(desk: FrontDesk) -> dict[str, str]:
    """Each part with `ok`, or with a sentence that says what is wrong."""
    looks: dict[str, Callable[[], object]] = {
        "database": lambda: check_connection(desk.engine),
        "migrations": lambda: _check_migrations(desk),
        "blobs": desk.blobs.check,
        "redis": lambda: _check_redis(desk),
    }
    return {name: _state(look) for name, look in looks.items()}


def _state(look: Callable[[], object]) -> str:
    try:
        look()
    except ServiceUnavailable as error:
        return error.detail
    return "ok"


def _check_migrations(desk: FrontDesk) -> None:
    from storage.migrate import is_current  # noqa: PLC0415 - Alembic costs more to import than half of the start

    check_connection(desk.engine)
    if not is_current(desk.engine):
        raise ServiceUnavailable("The database has not the newest form; run `folioscope migrate`.", part="migrations")


def _check_redis(desk: FrontDesk) -> None:
    if not send.is_reachable(desk.settings.redis_url):
        raise ServiceUnavailable("Redis does not answer; workers find their work by polling.", part="redis")
