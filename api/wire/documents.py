"""Documents on the wire: uploads, what became of them, and their pages."""

from datetime import datetime

from pydantic import Field

from api.wire.parts import A_HASH, A_MOMENT, AN_ID, Box, Failure, In, Out, Text
from core.records import DocumentState, PageState


class DocumentOut(Out):
    """A document."""

    id: str = Field(examples=[AN_ID])
    name: str = Field(examples=["invoice.pdf"])
    names: list[str] = Field(
        default=[], examples=[["invoice.pdf"]], description="All names that its bytes were sent under, the first first."
    )
    tags: list[str] = Field(default=[], examples=[["2026", "to pay"]], description="What people find it by.")
    sha256: str = Field(examples=[A_HASH])
    media_type: str = Field(examples=["application/pdf"])
    size: int = Field(examples=[48_213], description="Bytes.")
    page_count: int | None = Field(examples=[2], description="Null while only a password can tell.")
    state: DocumentState = Field(examples=["ready"])
    warning: str | None = Field(
        examples=[None], description="What is not as it should be, though the document is ready."
    )
    error: Failure | None = Field(examples=[None])
    created_at: datetime = Field(examples=[A_MOMENT])


class UploadedOut(DocumentOut):
    """A document, and whether this upload made it."""

    created: bool = Field(examples=[True], description="False where the same bytes were there already.")


class RefusedOut(Out):
    """A file that was not taken, and why."""

    name: str = Field(examples=["notes.txt"])
    code: str = Field(examples=["unsupported-file"])
    title: str = Field(examples=["The file is neither a PDF nor a PNG, JPEG or TIFF image"])
    detail: str = Field(examples=["This is a text file; send a PDF, PNG, JPEG or TIFF file."])


class UploadOut(Out):
    """What became of the files of an upload."""

    documents: list[UploadedOut]
    refused: list[RefusedOut]


class UnlockIn(In):
    """The password of a document that waits for it."""

    password: Text = Field(min_length=1, max_length=1_000, examples=["open sesame"])


class TagsIn(In):
    """All tags that a document is to have."""

    tags: list[Text] = Field(max_length=20, examples=[["2026", "to pay"]], description="Kept in small letters.")


class WordOut(Out):
    """A word of the PDF's own text layer."""

    text: str = Field(examples=["Total"])
    box: Box
    hidden: bool = Field(default=False, description="Whether nobody sees it: a word that a scan has under its picture.")


class PageOut(Out):
    """A page of a document. Sizes are null until it is drawn."""

    number: int = Field(examples=[1])
    state: PageState = Field(examples=["ready"])
    width: float | None = Field(examples=[612.0], description="Points.")
    height: float | None = Field(examples=[792.0], description="Points.")
    dpi: float | None = Field(examples=[150.0])
    engine: str | None = Field(examples=["mupdf"])
    image_width: int | None = Field(examples=[1275], description="Pixels.")
    image_height: int | None = Field(examples=[1650], description="Pixels.")
    blank: bool | None = Field(examples=[False])
    error: Failure | None = Field(examples=[None])


class PageWithWordsOut(PageOut):
    """A page with the words of its own text layer, where it has one."""

    words: list[WordOut]


class PagesOut(Out):
    """All pages of a document, in order."""

    items: list[PageOut]


class DocumentsOut(Out):
    """Documents, in the order that was asked for."""

    items: list[DocumentOut]
    next_cursor: str | None = Field(examples=[None], description="The next page's `cursor`; null at the end.")
