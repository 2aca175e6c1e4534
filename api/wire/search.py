"""Searches on the wire: the pages that were found."""

from enum import StrEnum

from pydantic import Field

from api.wire.parts import AN_ID, Box, Out
from core.records import ReadingSource


class SearchMode(StrEnum):
    """By what pages are found."""

    TEXT = "text"  # their words
    VISUAL = "visual"  # what they look like
    BOTH = "both"  # both orders made one


class SnippetOut(Out):
    """A piece of the page's text, plain: whoever shows it as HTML escapes it. Empty where the page was not read."""

    text: str = Field(examples=["Invoice of Acme Ltd, total due 1,204.00"])
    marks: list[tuple[int, int]] = Field(
        examples=[[[11, 15], [21, 30]]], description="Beginning and end of what was found in it, in characters."
    )


class FoundValueOut(Out):
    """A value on the page that holds a word of the search, or whose field does."""

    field: str = Field(examples=["vendor_name"])
    raw: str = Field(examples=["Acme Ltd"])
    box: Box | None


class HitOut(Out):
    """A page that was found."""

    document_id: str = Field(examples=[AN_ID])
    document_name: str = Field(examples=["invoice.pdf"])
    page: int = Field(examples=[1])
    score: float = Field(
        examples=[1.72],
        description="Of this search alone: by BM25 over the pages that were found; of `visual` the sum over the text's "
        "tokens of the closest patch, of `both` by reciprocal rank fusion.",
    )
    snippet: SnippetOut
    boxes: list[Box] = Field(description="Of the lines that hold what was found, in reading order; at most 50.")
    values: list[FoundValueOut]
    source: ReadingSource | None = Field(
        examples=["layer"], description="Where the page's text is from; null: it was found by its values alone."
    )


class SearchOut(Out):
    """The pages that were found, the best first."""

    items: list[HitOut]
    total: int = Field(
        examples=[12], description="How many pages were found; at most 500 are counted and listed, by looks 100."
    )
    next_cursor: str | None = Field(examples=[None], description="The next part's `cursor`; null at the end.")
