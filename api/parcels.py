"""What an upload sends: files, folders and zips as sources, put into requests of a sensible size."""

import io
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

from api.results import Refused
from core.errors import EmptyFile, RejectedFile, UnreadableFile, UnsupportedFile
from ingest.sniff import DOCUMENT_KINDS, HEAD_BYTES, MediaKind, describe, sniff

PathLike: TypeAlias = str | os.PathLike[str]
Part: TypeAlias = tuple[str, BinaryIO, str]  # name, bytes, media type

_MOST_FILES = 50  # in one request
_MOST_BYTES = 32_000_000  # in one request, but for a file that is larger by itself
_LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", "__MACOSX"})


@dataclass(frozen=True, slots=True)
class Source:
    """One file to send: a path, or an open binary stream that can seek."""

    name: str
    size: int
    content: Path | BinaryIO

    @classmethod
    def of(cls, path: PathLike, name: str | None = None) -> "Source":
        """A file by its path. Raises UnreadableFile where there is none."""
        path = Path(path)
        try:
            size = path.stat().st_size
        except OSError as error:
            raise UnreadableFile(f"The file cannot be read: {error.strerror}.") from error
        if not path.is_file():
            raise UnreadableFile("This is not a regular file.")
        return cls(name or path.name, size, path)

    @classmethod
    def of_stream(cls, stream: BinaryIO | bytes, name: str) -> "Source":
        """Bytes, or an open binary stream that can seek, under a name."""
        stream = io.BytesIO(stream) if isinstance(stream, bytes) else stream
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        return cls(name, size, stream)


@dataclass(frozen=True, slots=True)
class Parcel:
    """The files of one request."""

    sources: tuple[Source, ...]

    @property
    def size(self) -> int:
        """The bytes of all files together."""
        return sum(source.size for source in self.sources)

    @contextmanager
    def opened(self) -> Iterator[list[Part]]:
        """The parts of the request, open while it lasts."""
        with ExitStack() as stack:
            yield [
                (
                    source.name,
                    stack.enter_context(source.content.open("rb"))
                    if isinstance(source.content, Path)
                    else source.content,
                    "application/octet-stream",  # what a file is, its content says
                )
                for source in self.sources
            ]

    def refusal(self, error: RejectedFile) -> dict[str, str]:
        """The refusal of a request with a single file."""
        return {"name": self.sources[0].name, "code": error.code, "detail": error.detail}


def sources_in(paths: Iterable[PathLike] | PathLike) -> tuple[list[Source], list[Refused]]:
    """Files by their paths, folders walked whole; what cannot be a document is refused here and never travels.

    Links in folders are not followed. Zips travel as they are, and the service unpacks them.
    """
    sources: list[Source] = []
    refused: list[Refused] = []
    for path in [paths] if isinstance(paths, str | os.PathLike) else paths:
        for name, file, walked in _files(Path(path)):
            try:
                if walked and file.is_symlink():
                    raise UnsupportedFile("This is a link; links are not followed. Send the file that it points to.")
                sources.append(_checked(Source.of(file, name), file))
            except RejectedFile as error:
                refused.append(Refused(name, error.code, error.detail))
    return sources, refused


def parcels_of(sources: Sequence[Source]) -> Iterator[Parcel]:
    """The sources in order, as few requests."""
    waiting: list[Source] = []
    for source in sources:
        full = len(waiting) == _MOST_FILES or sum(s.size for s in waiting) + source.size > _MOST_BYTES
        if waiting and full:
            yield Parcel(tuple(waiting))
            waiting = []
        waiting.append(source)
    if waiting:
        yield Parcel(tuple(waiting))


def _files(path: Path) -> Iterator[tuple[str, Path, bool]]:
    """A file, or all of a folder in order: the name to send it under, itself, whether it was walked to."""
    if not path.is_dir():
        yield path.name or str(path), path, False
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if name not in _LITTER)
        links = {name for name in folders if Path(folder, name).is_symlink()}
        for name in sorted((set(names) | links) - _LITTER):
            file = Path(folder, name)
            yield file.relative_to(path).as_posix(), file, True


def _checked(source: Source, path: Path) -> Source:
    """The source, if it may be a document. Raises RejectedFile."""
    if source.size == 0:
        raise EmptyFile
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise UnreadableFile(f"The file cannot be read: {error.strerror}.") from error
    if sniff(head) not in DOCUMENT_KINDS | {MediaKind.ZIP}:
        raise UnsupportedFile(f"This is {describe(head)}; send a PDF, PNG, JPEG or TIFF file.")
    return source
