"""Corrections on the wire: what a person says instead of the model, and all that was ever said."""

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from api.wire.parts import A_MOMENT, AN_ID, Box, In, Out, Text
from api.wire.records import ValueOut
from core.records import ValueState

_LONGEST = 10_000  # characters of a value
_WISHES = ("raw", "absent", "confirm", "undo")


class CorrectionIn(In):
    """The right value as it is printed, that there is none, that it is right as read, or that the model counts again.

    A box alone is read by the model: what stands in it becomes the value.
    """

    raw: Text | None = Field(None, min_length=1, max_length=_LONGEST, examples=["$1,204.00"])
    absent: Literal[True] | None = Field(None, description="The document has no such thing.", examples=[None])
    confirm: Literal[True] | None = Field(None, description="It is right as it stands.", examples=[None])
    undo: Literal[True] | None = Field(None, description="The model counts again.", examples=[None])
    page: int | None = Field(None, ge=1, le=2**31 - 1, examples=[1])
    box: Box | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        said = [wish for wish in _WISHES if getattr(self, wish) is not None]
        if len(said) > 1 or (not said and self.box is None):
            raise ValueError("send one of `raw`, `absent`, `confirm` and `undo`, or a `box` for the model to read")
        if self.box is not None and self.page is None:
            raise ValueError("a box needs its `page`")
        if (self.absent or self.confirm or self.undo) and (self.page is not None or self.box is not None):
            raise ValueError("what is absent, confirmed or undone takes no place")
        if self.raw is not None and not self.raw.strip():
            raise ValueError("`raw` is blank; send `absent` where the document has no such thing")
        if self.box is not None and not _is_box(self.box):
            raise ValueError("a box is x0, y0, x1, y1 in shares 0..1, left of right and top above bottom")
        return self


def _is_box(sides: list[float]) -> bool:
    x0, y0, x1, y1 = sides
    return 0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1


class CorrectionOut(Out):
    """Something that a person said about a field of a document."""

    id: str = Field(examples=[AN_ID])
    document_id: str = Field(examples=[AN_ID])
    document_name: str = Field(examples=["invoice.pdf"])
    schema_name: str = Field(examples=["invoice"])
    field: str = Field(examples=["total"])
    state: ValueState = Field(examples=["found"])
    raw: str | None = Field(examples=["$1,204.00"])
    page: int | None = Field(examples=[1])
    box: Box | None
    undone: bool = Field(examples=[False], description="Took the last correction back.")
    takes_back: str | None = Field(
        None,
        examples=[None],
        description="A correction that counts as never made: what stood before it counts again.",
    )
    before: dict[str, Any] = Field(description="The value as it stood, with the model that read it.")
    made_by: str = Field(examples=["first key"], description="The name of the key.")
    created_at: datetime = Field(examples=[A_MOMENT])


class CorrectionsOut(Out):
    """Corrections, the newest first."""

    items: list[CorrectionOut]
    next_cursor: str | None = Field(examples=[None], description="The next page's `cursor`; null at the end.")


class CorrectedOut(Out):
    """A value as it stands now, and everything that people said about it, the oldest first."""

    field: str = Field(examples=["total"])
    value: ValueOut
    history: list[CorrectionOut]
