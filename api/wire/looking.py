"""Jobs that describe, classify and locate on the wire, and what pages and documents said to them."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from api.wire.parts import AN_ID, MOST_DOCUMENTS, Box, Failure, Id, In, Out, Text
from core.records import Queue

MOST_DIFFERING = 100  # pages of a document that are named
_NONE = "none of these"  # what models are given beside the labels


def _is_region(box: list[float]) -> list[float]:
    x0, y0, x1, y1 = box
    if not (0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1):
        raise ValueError("a region is x0, y0, x1, y1 in shares 0..1, left of right and top above bottom")
    return box


Label = Annotated[Text, Field(min_length=1, max_length=100, pattern=r"\S", examples=["invoice"])]
Region = Annotated[Box, AfterValidator(_is_region)]


class OfDocumentsIn(In):
    """What each of these jobs says about its pages."""

    documents: list[Id] | None = Field(
        None, max_length=MOST_DOCUMENTS, description="Default: all documents of the workspace.", examples=[[AN_ID]]
    )
    queue: Literal[Queue.BULK, Queue.INTERACTIVE] = Field(Queue.BULK, examples=["bulk"])
    model: Text | None = Field(
        None, max_length=200, description="A configured model's name; default: that of jobs.", examples=[None]
    )


class OfAPageIn(In):
    """What each of the same says of one page."""

    wait: float = Field(30.0, ge=0, le=60, description="Seconds to wait for the reply.", examples=[30])
    model: Text | None = Field(
        None, max_length=200, description="A configured model's name; default: that of jobs.", examples=[None]
    )


class _Labels(In):
    labels: list[Label] = Field(
        min_length=1, max_length=100, description="In words.", examples=[["invoice", "letter", "contract"]]
    )

    @model_validator(mode="after")
    def _are_different(self) -> Self:
        known = {" ".join(label.split()).casefold() for label in self.labels}
        if len(known) < len(self.labels):
            raise ValueError("two labels are the same")
        if _NONE in known:
            raise ValueError(f"`{_NONE}` is always among the choices; leave it out")
        return self


class _Sought(In):
    text: Text = Field(
        min_length=1,
        max_length=200,
        pattern=r"\S",
        description="A text as it is printed, a thing, or a question for it; in quotes: to the letter.",
        examples=["Where is the signature?"],
    )


class DescribeIn(OfDocumentsIn):
    """Describe pages in a sentence or two."""


class ClassifyIn(OfDocumentsIn, _Labels):
    """Give pages and documents one of these labels, or none."""


class LocateIn(OfDocumentsIn, _Sought):
    """Find where something stands on pages."""


class DescribePageIn(OfAPageIn):
    """Describe a page, or a region of it."""

    region: Region | None = Field(None, description="Only what stands here; default: all.", examples=[None])


class ClassifyPageIn(OfAPageIn, _Labels):
    """Give a page one of these labels, or none."""


class LocatePageIn(OfAPageIn, _Sought):
    """Find where something stands on a page, or in a region of it."""

    region: Region | None = Field(None, description="Only what stands here; default: all.", examples=[None])


class PlaceOut(Out):
    """One place of what was looked for."""

    text: str = Field(description="As it was read there; of a thing, its name.", examples=["Signature"])
    confidence: float | None = Field(examples=[0.93])
    box: Box


class FindingOut(Out):
    """What a page said."""

    document: str = Field(examples=[AN_ID])
    document_name: str = Field(examples=["contract.pdf"])
    page: int = Field(examples=[3])
    state: Literal["found", "nothing", "blank", "failed", "waiting", "cancelled"] = Field(
        description="`nothing`: no label fits, or it is not there.", examples=["found"]
    )
    text: str | None = Field(
        description="The description; the label; the text at its surest place.", examples=["contract"]
    )
    confidence: float | None = Field(description="Of that, or of its absence.", examples=[0.93])
    box: Box | None
    places: list[PlaceOut] = Field(description="Of what was located, the surest first.")
    model: str | None = Field(examples=["bundled"])
    error: Failure | None


class DifferingOut(Out):
    """A page that says otherwise than its document."""

    page: int = Field(examples=[4])
    text: str | None = Field(description="Its label; null where none fits.", examples=["letter"])
    confidence: float | None = Field(examples=[0.71])


class DocumentFindingOut(Out):
    """What a document's pages said together."""

    document: str = Field(examples=[AN_ID])
    document_name: str = Field(examples=["contract.pdf"])
    pages: int = Field(description="That were covered.", examples=[12])
    pages_open: int = Field(description="That have no result yet.", examples=[0])
    pages_failed: int = Field(examples=[0])
    pages_with_it: int = Field(description="That said something: the label, or a place of it.", examples=[11])
    text: str | None = Field(
        description="The description of its first page that has one; its label; the surest place's text.",
        examples=["contract"],
    )
    confidence: float | None = Field(examples=[0.97])
    page: int | None = Field(description="The page that says so, the surest.", examples=[1])
    box: Box | None
    differing: list[DifferingOut] = Field(description="Of what was classified: pages with another label, or none.")
    differing_count: int = Field(description=f"Of those all; at most {MOST_DIFFERING} are listed.", examples=[1])
    error: Failure | None = Field(description="Why no page of it could be looked at.")


class FindingsOut(Out):
    """Pages, in order of documents and pages."""

    items: list[FindingOut]
    next_cursor: str | None = Field(examples=[None], description="The next page's `cursor`; null at the end.")


class DocumentFindingsOut(Out):
    """Documents, in order."""

    items: list[DocumentFindingOut]
    next_cursor: str | None = Field(examples=[None], description="The next page's `cursor`; null at the end.")
