"""Folders and zips to single files: what can be taken is handed out one by one, the rest is named with its reason."""

import errno
import os
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TypeAlias

from core.errors import (
    BadArchive,
    EmptyFile,
    FileTooLarge,
    RejectedFile,
    ServiceUnavailable,
    UnreadableFile,
    UnsupportedFile,
)
from ingest.limits import ArchiveLimits
from ingest.sniff import DOCUMENT_KINDS, HEAD_BYTES, MediaKind, describe, is_archive, sniff

_CHUNK = 1_048_576
_RATIO_FROM = 1_000_000  # bytes; smaller entries may be as empty as they like
_MAX_DEPTH = 64
_LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", "__MACOSX"})  # what systems leave behind; nobody sent it
_TAIL_BYTES = 66_000  # the end record, a comment of 64 KiB, and the Zip64 records before it
_END = struct.Struct("<12xI")  # end of central directory: the directory's size (APPNOTE 4.3.16)
_END64 = struct.Struct("<40xQ")  # its Zip64 form (APPNOTE 4.3.14)
_SEE_END64 = 0xFFFFFFFF
_DIRECTORY_BYTES_PER_FILE = 1_100
_DAMAGES = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)
_OF_OURS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.EIO, errno.ENOENT})


@dataclass(frozen=True, slots=True)
class Found:
    """A file that looks like a document. `path` may be a temporary copy, there until the next one is asked for."""

    name: str  # relative to what was given, with forward slashes
    path: Path


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that is not taken, and the error that says why."""

    name: str
    error: RejectedFile


Entry: TypeAlias = Found | Refused


def expand(
    path: Path, limits: ArchiveLimits, name: str | None = None, scratch: Path | None = None
) -> Generator[Entry, None, None]:
    """A file, a folder or a zip as single files, in the order of their names.

    Folders are walked whole, links in them are not followed; zips in folders are unpacked, zips in zips are refused.
    Temporary copies are made in a folder of their own within `scratch`, by default the system's; close the generator to
    have them removed. Raises ServiceUnavailable where this machine has no room, or loses the file meanwhile: that says
    nothing about the file.
    """
    name = name or path.name
    try:
        if path.is_dir():
            yield from _walk(path, path, limits, 0, scratch)
        elif not path.is_file():
            yield Refused(name, UnreadableFile("There is no such file, or it is not a regular file."))
        else:
            yield from _open_up(path, name, limits, scratch)
    except OSError as error:
        _raise_ours(error)
        yield Refused(name, UnreadableFile(f"The file cannot be read: {error.strerror or type(error).__name__}."))


def _walk(root: Path, folder: Path, limits: ArchiveLimits, depth: int, scratch: Path | None) -> Iterator[Entry]:
    if depth > _MAX_DEPTH:
        yield Refused(_name_in(root, folder), UnreadableFile("The folder lies too deep."))
        return
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        path = Path(entry.path)
        name = _name_in(root, path)
        if entry.name in _LITTER:
            continue
        if entry.is_symlink():
            yield Refused(
                name, UnsupportedFile("This is a link; links are not followed. Send the file that it points to.")
            )
        elif entry.is_dir():
            try:
                yield from _walk(root, path, limits, depth + 1, scratch)
            except PermissionError:
                yield Refused(name, UnreadableFile("The folder cannot be read: permission denied."))
        elif not entry.is_file():
            yield Refused(name, UnsupportedFile("This is not a regular file."))
        else:
            yield from _open_up(path, name, limits, scratch)


def _open_up(path: Path, name: str, limits: ArchiveLimits, scratch: Path | None) -> Iterator[Entry]:
    """One regular file: itself, or what is in it."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        _raise_ours(error)
        yield Refused(name, UnreadableFile(f"The file cannot be read: {error.strerror}."))
        return
    if sniff(head) is MediaKind.ZIP:
        yield from _unpack(path, name, limits, scratch)
        return
    try:
        _check_document(size, head, limits)
    except RejectedFile as error:
        yield Refused(name, error)
    else:
        yield Found(name, path)


def _unpack(path: Path, name: str, limits: ArchiveLimits, scratch: Path | None) -> Iterator[Entry]:
    """The entries of a zip, each a temporary copy. A zip that is dangerous as a whole is refused as a whole."""
    try:
        _check_directory(path, limits)
        archive = zipfile.ZipFile(path)
    except BadArchive as error:
        yield Refused(name, error)
        return
    except _DAMAGES as error:
        _raise_ours(error)
        yield Refused(name, BadArchive("The zip archive is damaged or cut off; pack it again."))
        return
    with archive, tempfile.TemporaryDirectory(prefix="folioscope-", dir=scratch) as copies:
        entries = sorted(
            (entry for entry in archive.infolist() if not entry.is_dir()), key=lambda entry: entry.filename
        )
        try:
            _check_archive(entries, path.stat().st_size, limits)
        except BadArchive as error:
            yield Refused(name, error)
            return
        for entry in entries:
            if _LITTER.intersection(PurePosixPath(entry.filename).parts):
                continue
            inner = f"{name}/{_printable(entry.filename)}"
            try:
                copy = _extract(archive, entry, Path(copies) / "entry", limits)
            except RejectedFile as error:
                yield Refused(inner, error)
            else:
                yield Found(inner, copy)


def _check_directory(path: Path, limits: ArchiveLimits) -> None:
    """Refuse a zip whose directory alone would fill the memory: it is read whole when the zip is opened."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        tail = file.read()
    sizes = [_END.unpack_from(tail, at)[0] for at in _positions(tail, b"PK\x05\x06", _END.size)]
    sizes += [_END64.unpack_from(tail, at)[0] for at in _positions(tail, b"PK\x06\x06", _END64.size)]
    if max((size for size in sizes if size != _SEE_END64), default=0) > limits.max_files * _DIRECTORY_BYTES_PER_FILE:
        raise BadArchive(
            f"The archive's directory is too large; at most {limits.max_files} files are taken. Send it in parts."
        )


def _positions(data: bytes, mark: bytes, room: int) -> Iterator[int]:
    at = data.find(mark)
    while 0 <= at <= len(data) - room:
        yield at
        at = data.find(mark, at + 1)


def _check_archive(entries: list[zipfile.ZipInfo], packed: int, limits: ArchiveLimits) -> None:
    """What the directory of the zip says already tells most bombs. Raises BadArchive."""
    if len(entries) > limits.max_files:
        raise BadArchive(
            f"The archive has {len(entries)} files; at most {limits.max_files} are taken. Send it in parts."
        )
    if sum(entry.file_size for entry in entries) > limits.max_bytes:
        raise BadArchive(f"The archive unpacks to more than {limits.max_bytes} bytes. Send it in parts.")
    if sum(entry.compress_size for entry in entries) > packed:
        raise BadArchive("The archive's files overlap, as they do in a zip bomb.")


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, limits: ArchiveLimits) -> Path:
    """Unpack one entry to `target`, never to a place that the archive names. Raises RejectedFile."""
    _check_entry(entry, limits)
    try:
        with archive.open(entry) as packed:
            head = packed.read(HEAD_BYTES)
            if is_archive(head):
                raise BadArchive("This is an archive within an archive; unpack it and send what is in it.")
            _check_document(entry.file_size, head, limits)
            with target.open("wb") as copy:
                copy.write(head)
                _copy(packed, copy, entry.file_size - len(head))
    except RejectedFile:
        raise
    except _DAMAGES as error:
        _raise_ours(error)
        raise BadArchive(
            "The file is damaged inside the archive, or packed by a method that this service does not know."
        ) from error
    return target


def _raise_ours(error: Exception) -> None:
    """Raise ServiceUnavailable where the error is this machine's and not the file's."""
    if isinstance(error, OSError) and error.errno in _OF_OURS:
        raise ServiceUnavailable("The service cannot keep this upload on its disk now.", part="disk") from error


def _check_entry(entry: zipfile.ZipInfo, limits: ArchiveLimits) -> None:
    parts = PurePosixPath(entry.filename.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or ":" in entry.filename[:2]:
        raise BadArchive("The file's name in the archive points outside of it.")
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        raise BadArchive("This is a link or a device, not a file.")
    if entry.flag_bits & 0x1:
        raise BadArchive("The file is packed with a password; unpack it and send it as it is.")
    if entry.file_size > max(_RATIO_FROM, entry.compress_size * limits.max_ratio):
        raise BadArchive(f"The file unpacks to more than {limits.max_ratio} times its packed size, as in a zip bomb.")


def _copy(packed: IO[bytes], copy: IO[bytes], left: int) -> None:
    """Copy what is left of an entry, and no byte more than its header promised."""
    while chunk := packed.read(_CHUNK):
        left -= len(chunk)
        if left < 0:
            raise BadArchive("The file unpacks to more than its header says.")
        copy.write(chunk)


def _check_document(size: int, head: bytes, limits: ArchiveLimits) -> None:
    if size == 0:
        raise EmptyFile
    if sniff(head) not in DOCUMENT_KINDS:
        raise UnsupportedFile(f"This is {describe(head)}; send a PDF, PNG, JPEG or TIFF file.")
    if size > limits.max_file_bytes:
        raise FileTooLarge(f"The file has {size} bytes; at most {limits.max_file_bytes} are taken.", size=size)


def _name_in(root: Path, path: Path) -> str:
    return _printable(path.relative_to(root).as_posix())


def _printable(name: str) -> str:
    """A name that can be shown and stored: no control characters, no broken bytes."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)[:1_000]
