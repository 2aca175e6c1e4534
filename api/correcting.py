"""What the client does about corrections: a person's word against the model's, what was said, and files to train on."""

import json
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from typing import Any
from urllib.parse import quote
from zipfile import BadZipFile, ZipFile

from api.connection import Connection
from api.parcels import PathLike
from api.results import Value, WireBox, made_from
from core.errors import ConfigurationError, ServiceUnavailable
from core.records import Box, ValueState

_EXAMPLES, _LEFT_OUT, _PICTURES = "corrections.jsonl", "left_out.jsonl", "images/"


@dataclass(frozen=True, slots=True)
class Correction:
    """Something that a person said about a field of a document. Of a field, the last one counts, unless undone."""

    id: str
    document_id: str
    schema_name: str
    field: str
    state: ValueState
    raw: str | None
    page: int | None
    box: WireBox | None
    undone: bool
    takes_back: str | None  # a correction that counts as never made
    before: dict[str, Any]  # the value as it stood, with the model that read it
    made_by: str  # the name of the key
    created_at: datetime
    document_name: str | None = None


@dataclass(frozen=True, slots=True)
class CorrectedValue:
    """A value as it stands now, and everything that people said about it, the oldest first."""

    field: str
    value: Value
    history: tuple[Correction, ...]


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export holds."""

    path: str
    examples: int
    pictures: int
    left_out: dict[str, int]  # corrections that teach nothing, by the reason


class Correcting(Connection):
    """The part of the client that is about corrections."""

    def correct(  # noqa: PLR0913 - what a person may say, by name
        self,
        schema: str,
        document_id: str,
        field: str,
        raw: str | None = None,
        *,
        absent: bool = False,
        confirm: bool = False,
        undo: bool = False,
        page: int | None = None,
        box: Box | Sequence[float] | None = None,
        version: int | None = None,
    ) -> CorrectedValue:
        """Say what a field is, as it is printed; that it is `absent`; or `confirm` that it is right as it stands.

        Or `undo` what was said: the model counts again.
        A cell is named with its row in the record, from 0: `line_items[2].amount`. A `box` on a `page` says where it
        stands; alone, the model reads it. Raises FieldNotFound, RecordNotFound, PageNotFound, and of a box NothingThere
        or ModelCannot.
        """
        said = {
            "raw": raw,
            "absent": True if absent else None,
            "confirm": True if confirm else None,
            "undo": True if undo else None,
            "page": page,
            "box": list(box.as_list() if isinstance(box, Box) else box) if box is not None else None,
        }
        body = {name: word for name, word in said.items() if word is not None}
        ask = self._once if raw is None and box is not None else self._request  # a model is not made to read five times
        answer = ask(
            "PATCH",
            _path(schema, document_id, field),
            json=body,
            params={} if version is None else {"version": version},
            headers={"Idempotency-Key": uuid.uuid4().hex},
        )
        return made_from(CorrectedValue, answer.json())

    def value(self, schema: str, document_id: str, field: str, *, version: int | None = None) -> CorrectedValue:
        """One value, with everything that people said about it. Raises FieldNotFound or RecordNotFound."""
        return made_from(CorrectedValue, self._get(_path(schema, document_id, field), {"version": version}))

    def corrections(self, schema: str | None = None) -> Iterator[Correction]:
        """Everything that people said instead of a model, the newest first; also what counts no longer."""
        return self._each(Correction, "/v1/corrections", {"schema": schema})

    def export_corrections(self, form: str, to: PathLike, *, schema: str | None = None) -> Exported:
        """Write the corrections that count as examples for TRL's trainers: `sft` or `preference`.

        `to` is a zip where its name ends so, else a folder that is not there yet, or empty. What breaks off leaves
        nothing behind. Raises ConfigurationError where it cannot be written, ServiceUnavailable where it breaks off.
        """
        target = Path(to)
        part = target.with_name(f"{target.name}.part")
        try:
            if target.suffix.lower() != ".zip" and target.exists() and (target.is_file() or any(target.iterdir())):
                raise ConfigurationError(f"{target} is not an empty folder; name another, or a file that ends in .zip.")
            with part.open("wb") as file:
                file.writelines(self._pieces("/v1/corrections/export", {"format": form, "schema": schema}))
            return _put(part, target)
        except BadZipFile as error:
            raise ServiceUnavailable("The service broke off; the export is not whole.") from error
        except OSError as error:
            raise ConfigurationError(f"{target} cannot be written: {error.strerror}.") from error
        finally:
            part.unlink(missing_ok=True)


def _put(archive: Path, target: Path) -> Exported:
    """The zip under its name, or unpacked as a folder of that name: whole, or not at all."""
    with ZipFile(archive) as whole:
        exported = _told(whole, target)
        if target.suffix.lower() == ".zip":
            archive.replace(target)
            return exported
        folder = target.with_name(f"{target.name}.unpacked")
        try:
            whole.extractall(folder)
            folder.rename(target)
        finally:
            rmtree(folder, ignore_errors=True)
    return exported


def _told(archive: ZipFile, target: Path) -> Exported:
    with archive.open(_EXAMPLES) as lines:
        examples = sum(1 for _ in lines)
    left_out: Counter[str] = Counter()
    with archive.open(_LEFT_OUT) as lines:
        for line in lines:
            unused: Mapping[str, Any] = json.loads(line)
            left_out[unused["why"]] += len(unused["corrections"])
    pictures = sum(name.startswith(_PICTURES) for name in archive.namelist())
    return Exported(str(target), examples, pictures, dict(left_out))


def _path(schema: str, document_id: str, field: str) -> str:
    return f"/v1/records/{quote(schema, safe='')}/{quote(document_id, safe='')}/values/{quote(field, safe='')}"
