"""A multipart form read as it comes: files go straight to disk, hashed on the way, and never stand in memory."""

import errno
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from core.errors import FileTooLarge, InvalidRequest, RejectedFile, ServiceUnavailable
from ingest.sniff import HEAD_BYTES, MediaKind, sniff

FILES = "files"
_FIELDS = frozenset({"password"})
_MAX_FIELD_BYTES = 4_096
_CHUNK = 1_048_576  # bytes gathered before a thread is asked to write them


@dataclass(slots=True)
class SentFile:
    """A file of the form. `error` says why nothing more than its beginning was kept."""

    name: str
    path: Path
    size: int = 0
    sha256: str = ""
    error: RejectedFile | None = None


@dataclass(slots=True)
class Form:
    """What a form held: its files in order, and its plain fields."""

    files: list[SentFile] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)


async def read_form(request: Request, folder: Path, max_file_bytes: int, max_files: int) -> Form:
    """Read the request's form, its files into `folder`. The caller removes the folder.

    A file over its limit is cut off and named, and does not hold up the others; a zip may be as large as the request.
    Raises InvalidRequest for what is no such form, and ClientDisconnect where the sender goes away.
    """
    reader = _FormReader(request.headers.get("content-type"), folder, max_file_bytes, max_files)
    try:
        gathered: list[bytes] = []
        size = 0
        async for chunk in request.stream():
            gathered.append(chunk)
            size += len(chunk)
            if size >= _CHUNK:
                await run_in_threadpool(reader.feed, b"".join(gathered))
                gathered, size = [], 0
        await run_in_threadpool(reader.feed, b"".join(gathered))
        return reader.finish()
    finally:
        reader.close()


class _FormReader:
    """Turns the parser's calls into files and fields. One part is open at a time."""

    def __init__(self, content_type: str | None, folder: Path, max_file_bytes: int, max_files: int) -> None:
        self._folder = folder
        self._max_file_bytes = max_file_bytes
        self._max_files = max_files
        self._form = Form()
        self._header: bytes = b""
        self._header_value: bytes = b""
        self._disposition: bytes = b""
        self._part: _FilePart | _FieldPart | None = None
        self._whole = False
        self._parser = MultipartParser(_boundary_in(content_type), self._calls())

    def feed(self, data: bytes) -> None:
        """Parse and write the next bytes. Raises InvalidRequest, or ServiceUnavailable where the disk is full."""
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise InvalidRequest("The body is not the multipart form that its header promises.") from error
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise ServiceUnavailable("The service has no room for this upload now.", part="disk") from error
            raise

    def finish(self) -> Form:
        """The form, once its last boundary has been read."""
        if not self._whole:
            raise InvalidRequest("The form is cut off: its last boundary is missing.")
        if not self._form.files:
            raise InvalidRequest(f"The form has no file; send one or more in the field `{FILES}`.")
        return self._form

    def close(self) -> None:
        """Close the file that is open, if one is."""
        if isinstance(self._part, _FilePart):
            self._part.close()

    def _calls(self) -> Any:
        return {
            "on_part_begin": self._begin_part,
            "on_header_field": self._add_to_header,
            "on_header_value": self._add_to_header_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._open_part,
            "on_part_data": self._add_data,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }

    def _begin_part(self) -> None:
        self._disposition = self._header = self._header_value = b""

    def _add_to_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _add_to_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._header_value
        self._header = self._header_value = b""

    def _open_part(self) -> None:
        options = parse_options_header(self._disposition)[1]
        name = options.get(b"name", b"").decode("utf-8", "replace")
        file_name = options.get(b"filename")
        if name == FILES and file_name is not None:
            self._part = self._open_file(file_name.decode("utf-8", "replace"))
        elif name in _FIELDS and file_name is None:
            self._part = _FieldPart(name, self._form.fields.__setitem__)
        else:
            raise InvalidRequest(
                f"The form's part {name[:100]!r} is not known; send files in `{FILES}`, with their names, "
                "and a `password` where one is needed."
            )

    def _open_file(self, name: str) -> "_FilePart":
        number = len(self._form.files)
        if number >= self._max_files:
            raise InvalidRequest(f"The form has more than {self._max_files} files; send them in parts.")
        file = SentFile(name, self._folder / f"{number:06}")
        self._form.files.append(file)
        return _FilePart(file, self._max_file_bytes)

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        if self._part is not None:
            self._part.add(data[start:end])

    def _end_part(self) -> None:
        if self._part is not None:
            self._part.close()
        self._part = None

    def _end(self) -> None:
        self._whole = True


class _FilePart:
    """A file on its way to disk."""

    def __init__(self, sent: SentFile, max_bytes: int) -> None:
        self._sent = sent
        self._max_bytes = max_bytes
        self._file: IO[bytes] = sent.path.open("wb")
        self._digest = hashlib.sha256()
        self._is_zip = False

    def add(self, data: bytes) -> None:
        """Keep the next bytes, or only count them once the file is too large."""
        sent = self._sent
        if sent.size < HEAD_BYTES:
            self._is_zip = self._looks_like_zip(data)
        sent.size += len(data)
        self._digest.update(data)
        if sent.error is None and sent.size > self._max_bytes and not self._is_zip:
            sent.error = FileTooLarge(f"The file has more than {self._max_bytes} bytes. Send it in parts.")
            self._file.truncate(0)
        if sent.error is None:
            self._file.write(data)

    def close(self) -> None:
        """Finish the file; its hash is known now."""
        self._file.close()
        self._sent.sha256 = self._digest.hexdigest()

    def _looks_like_zip(self, data: bytes) -> bool:
        if self._sent.size:
            self._file.flush()
        head = self._sent.path.read_bytes() if self._sent.size else b""
        return sniff((head + data)[:HEAD_BYTES]) is MediaKind.ZIP


class _FieldPart:
    """A plain field of the form."""

    def __init__(self, name: str, keep: Callable[[str, str], None]) -> None:
        self._name = name
        self._keep = keep
        self._data = bytearray()

    def add(self, data: bytes) -> None:
        """Keep the next bytes. Raises InvalidRequest where they become too many."""
        self._data += data
        if len(self._data) > _MAX_FIELD_BYTES:
            raise InvalidRequest(f"The form's field {self._name!r} has more than {_MAX_FIELD_BYTES} bytes.")

    def close(self) -> None:
        """Hand the field over. Raises InvalidRequest where it is no text."""
        try:
            text = self._data.decode()
        except UnicodeDecodeError as error:
            raise InvalidRequest(f"The form's field {self._name!r} is not text in UTF-8.") from error
        if "\0" in text:
            raise InvalidRequest(f"The form's field {self._name!r} holds a character that cannot be stored.")
        self._keep(self._name, text)


def _boundary_in(content_type: str | None) -> bytes:
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise InvalidRequest(f"Send a form of type multipart/form-data, with files in the field `{FILES}`.")
    return boundary
