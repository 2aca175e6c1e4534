"""Whether the service is alive and can work, on the wire."""

from pydantic import Field

from api.wire.parts import Out


class PartsOut(Out):
    """Whether the service can work, part by part."""

    ready: bool = Field(examples=[True])
    parts: dict[str, str] = Field(examples=[{"database": "ok", "migrations": "ok", "blobs": "ok", "redis": "ok"}])


class AliveOut(Out):
    """That the process answers."""

    alive: bool = Field(examples=[True])
