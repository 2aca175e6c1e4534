"""Workspaces on the wire."""

from datetime import datetime

from pydantic import Field

from api.wire.parts import A_MOMENT, Out


class TemporaryOut(Out):
    """A workspace for a while."""

    key: str = Field(examples=["fs_d1Yw..."], description="Opens it, and nothing else. It is shown once.")
    expires_at: datetime = Field(examples=[A_MOMENT], description="When it goes with all that it holds.")
