"""What routes are given in their paths and queries."""

import re
from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator

_ID = re.compile(r"[0-9a-f]{32}")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_NOBODY = "0" * 32
_NO_NAME = "-"
_MOST = 2**31 - 1
_EXAMPLE = "019abc3f7d1e5a0c9b7e4f2a6d8c1b30"


def id_or_nobody(text: str) -> str:
    """A text that cannot be an id is nobody's: it is not found, and never reaches the database."""
    return text if _ID.fullmatch(text) else _NOBODY


def _name_or_none(text: str) -> str:
    """The same for names of schemas."""
    return text if _NAME.fullmatch(text) else _NO_NAME


DocumentId = Annotated[str, AfterValidator(id_or_nobody), Path(description="A document's id.", examples=[_EXAMPLE])]
JobId = Annotated[str, AfterValidator(id_or_nobody), Path(description="A job's id.", examples=[_EXAMPLE])]
PageNumber = Annotated[int, Path(ge=1, le=_MOST, description="A page's number, from 1.", examples=[1])]
SchemaNamed = Annotated[str, AfterValidator(_name_or_none), Path(description="A schema's name.", examples=["invoice"])]
Version = Annotated[int | None, Query(ge=1, le=_MOST, description="A schema's version; default: the latest.")]
Limit = Annotated[int, Query(ge=1, le=500, description="Most items in the answer.")]
Cursor = Annotated[str | None, Query(description="The `next_cursor` of the answer before.")]
OfDocuments = Annotated[
    list[str] | None,
    AfterValidator(lambda texts: texts and [id_or_nobody(text) for text in texts]),
    Query(max_length=500, description="Of these documents only; may be repeated."),
]
