"""Corrections as a zip to train on, in the form of TRL's trainers, made while it is sent.

`corrections.jsonl` holds the examples, `sources.jsonl` on the same lines where each is from, `left_out.jsonl` the
corrections that teach nothing, and `images/` every page that an example names, once.
"""

import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from tempfile import SpooledTemporaryFile
from typing import IO, Any, TypeAlias, assert_never
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from core.errors import BlobMissing
from ingest.sniff import HEAD_BYTES, MediaKind, sniff
from storage import corrections
from storage.blobs import BlobStore
from storage.database import Sessions
from workers.examples import Example, LeftOut, Unused, lessons_of

EXAMPLES, SOURCES, LEFT_OUT = "corrections.jsonl", "sources.jsonl", "left_out.jsonl"
_PART = 100  # documents that are looked up at a time
_CHUNK = 1_048_576
_IN_MEMORY = 1_048_576  # bytes of each list; what is more waits in a file
_JSON: TypeAlias = dict[str, Any]


class Trainer(StrEnum):
    """For which kind of training."""

    SFT = "sft"  # supervised: the right reply
    PREFERENCE = "preference"  # the right reply is preferred to the model's


class _Sink(io.RawIOBase):
    """A file that hands out what was written to it since it was last asked."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        """It takes bytes."""
        return True

    def write(self, data: Any) -> int:
        """Keep a copy: the writer may use its buffer again."""
        self._pieces.append(bytes(data))
        return len(self._pieces[-1])

    def taken(self) -> bytes:
        """What is new."""
        new = b"".join(self._pieces)
        self._pieces.clear()
        return new


@dataclass(frozen=True, slots=True)
class _Lines:
    """Lines of JSON that wait for their turn: a zip is written file by file."""

    name: str
    file: IO[bytes]

    def add(self, line: _JSON) -> None:
        """Plain ASCII, so that no reader takes a sign within a text for the end of a line."""
        self.file.write(json.dumps(line).encode() + b"\n")

    def into(self, archive: ZipFile, sink: _Sink) -> Iterator[bytes]:
        """The file as a part of the archive, in pieces."""
        self.file.seek(0)
        yield from _written(archive, sink, self.name, self.file, packed=True)


def zipped(
    sessions: Sessions, blobs: BlobStore, workspace_id: str, trainer: Trainer, schema_name: str | None
) -> Iterator[bytes]:
    """The zip in pieces. Pages come first, each as soon as an example names it, and the lists last."""
    sink = _Sink()
    pictures: dict[str, str] = {}  # the names of those that are in the archive
    with ExitStack() as stack:
        names = (EXAMPLES, SOURCES, LEFT_OUT)
        examples, sources, left_out = (
            _Lines(name, stack.enter_context(SpooledTemporaryFile(_IN_MEMORY))) for name in names
        )
        archive = stack.enter_context(ZipFile(sink, "w"))
        for document, schema, lesson in _lessons(sessions, workspace_id, schema_name):
            origin = {"document": document, "schema": schema}
            why = _why_not(lesson, trainer)
            if isinstance(lesson, Example) and why is None:
                try:
                    yield from _picture(archive, sink, blobs, lesson.image_sha256, pictures)
                except BlobMissing:
                    why = LeftOut.NO_PICTURE
            if isinstance(lesson, Unused) or why is not None:
                left_out.add(origin | {"corrections": lesson.corrections, "why": why})
                continue
            examples.add(example_line(trainer, lesson, pictures[lesson.image_sha256]))
            sources.add(origin | {"corrections": lesson.corrections, "page": lesson.page, "model": lesson.model})
        for lines in (examples, sources, left_out):
            yield from lines.into(archive, sink)
    yield sink.taken()


def example_line(trainer: Trainer, lesson: Example, picture: str) -> _JSON:
    """An example as the trainer takes it: messages whose parts are pictures and texts, and the pictures' files."""
    asked = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": lesson.prompt}]}
    match trainer:
        case Trainer.SFT:
            return {"messages": [asked, _reply(lesson.chosen)], "images": [picture]}
        case Trainer.PREFERENCE:
            replies = {"chosen": [_reply(lesson.chosen)], "rejected": [_reply(lesson.rejected)]}
            return {"prompt": [asked], **replies, "images": [picture]}
        case _:
            assert_never(trainer)


def _reply(text: str) -> _JSON:
    return {"role": "assistant", "content": [{"type": "text", "text": text}]}


def _why_not(lesson: Example | Unused, trainer: Trainer) -> LeftOut | None:
    if isinstance(lesson, Unused):
        return lesson.why
    same = trainer is Trainer.PREFERENCE and lesson.chosen == lesson.rejected
    return LeftOut.SAID_THE_SAME if same else None


def _lessons(
    sessions: Sessions, workspace_id: str, schema_name: str | None
) -> Iterator[tuple[str, str, Example | Unused]]:
    """All lessons with their documents and schemas, document by document; no session is open while one is used."""
    after: tuple[str, str] | None = None
    while True:
        with sessions() as session:
            part = corrections.corrected_documents(session, workspace_id, schema_name, after, _PART)
        for document, schema in part:
            with sessions() as session:
                lessons = list(lessons_of(session, workspace_id, document, schema))
            yield from ((document, schema, lesson) for lesson in lessons)
        if len(part) < _PART:
            return
        after = part[-1]


def _picture(archive: ZipFile, sink: _Sink, blobs: BlobStore, sha256: str, known: dict[str, str]) -> Iterator[bytes]:
    """The picture, unless the archive has it. Raises BlobMissing before anything is written."""
    if sha256 in known:
        return
    with blobs.open(sha256) as file:
        head = file.read(HEAD_BYTES)
        known[sha256] = f"images/{sha256}.{'png' if sniff(head) is MediaKind.PNG else 'jpg'}"
        yield from _written(archive, sink, known[sha256], file, head)


def _written(
    archive: ZipFile, sink: _Sink, name: str, file: IO[bytes], head: bytes = b"", *, packed: bool = False
) -> Iterator[bytes]:
    """A file as a part of the archive, in pieces; the same file is the same bytes at any time."""
    entry = ZipInfo(name)
    entry.compress_type = ZIP_DEFLATED if packed else entry.compress_type
    with archive.open(entry, "w", force_zip64=packed) as part:
        chunk = head or file.read(_CHUNK)
        while chunk:
            part.write(chunk)
            yield sink.taken()
            chunk = file.read(_CHUNK)
    yield sink.taken()
