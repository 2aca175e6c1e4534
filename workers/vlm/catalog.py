"""Which models there are: read from `models.toml` and the settings, without loading any. The API reads it too."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from core.errors import ConfigurationError, UnknownModel
from core.logs import get_log
from core.settings import Settings
from workers.vlm.embedding import interface as embedding
from workers.vlm.interface import Capability
from workers.vlm.local.boxes import STYLES
from workers.vlm.local.families import FAMILIES, UNKNOWN

BUNDLED = "bundled"

_log = get_log(__name__)
_NAME = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^\S+$")]


class Kind(StrEnum):
    """How a model is reached."""

    BUNDLED = "bundled"  # ours, in the tree
    LOCAL = "local"  # a checkpoint by path or hub id, on this machine
    OPENAI = "openai"  # any server that speaks the OpenAI protocol
    HUGGINGFACE = "huggingface"  # Hugging Face's inference providers and endpoints
    FACTORY = "factory"  # a function of the operator's own


REMOTE = frozenset({Kind.OPENAI, Kind.HUGGINGFACE})
_OF_CHAT = frozenset(
    {Capability.EXTRACT, Capability.ASK, Capability.READ, Capability.CLASSIFY, Capability.DESCRIBE}
    | {Capability.CHAT, Capability.ROWS}
)
_CAPABILITIES: dict[Kind, frozenset[Capability]] = {
    Kind.BUNDLED: frozenset(
        {Capability.EXTRACT, Capability.ASK, Capability.READ, Capability.LOCATE, Capability.ROWS}
        | {Capability.CLASSIFY, Capability.DESCRIBE}
    ),
    Kind.OPENAI: _OF_CHAT,
    Kind.HUGGINGFACE: _OF_CHAT,
}
ONLY_EMBEDS = frozenset({Capability.EMBED})
_HERE = frozenset({"device", "dtype"})
_CHECKPOINT = _HERE | {"name", "revision", "quantization", "max_new_tokens", "max_image_pixels", "logprobs"}
_SERVED = frozenset(
    {"name", "revision", "base_url", "key_env", "key", "timeout_seconds", "concurrency"}
    | {"max_new_tokens", "max_image_pixels", "logprobs", "boxes"}
)
_KEYS: dict[Kind, frozenset[str]] = {
    Kind.BUNDLED: _HERE,
    Kind.LOCAL: _CHECKPOINT,
    Kind.OPENAI: _SERVED,
    Kind.HUGGINGFACE: _SERVED | {"provider"},
    Kind.FACTORY: _HERE | {"name", "revision"},  # what the settings that it is given can say
}


class Entry(BaseModel):
    """How one model is reached and asked. None leaves a choice to the settings or to the kind."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    name: _NAME | None = None  # a path, a hub id, what a server calls it, or module:factory
    revision: str | None = None
    device: str | None = None
    dtype: str | None = None
    quantization: Literal["none", "int8"] = "none"
    base_url: str | None = None
    key_env: str | None = Field(None, pattern=r"^[A-Z_][A-Z0-9_]*$")  # the variable; no secret looks like one
    key: SecretStr | None = None
    provider: str | None = None
    timeout_seconds: float = Field(120.0, gt=0, le=3600, strict=True)  # of one request
    concurrency: int = Field(4, ge=1, le=256, strict=True)  # requests at a time
    max_new_tokens: int | None = Field(None, ge=1, le=1_000_000, strict=True)
    max_image_pixels: int | None = Field(None, ge=10_000, le=1_000_000_000, strict=True)  # a larger page is scaled down
    logprobs: bool = Field(default=True, strict=True)  # ask for the probabilities of tokens
    boxes: str | None = None  # how a model behind an API writes boxes; None: nobody knows, and none are asked of it

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        strange = sorted(self.model_fields_set - _KEYS[self.kind] - {"kind"})
        if strange:
            raise ValueError(f"{strange[0]}: says nothing to a model of kind {self.kind}")
        if self.kind is not Kind.BUNDLED and self.name is None and not self._is_endpoint:
            raise ValueError(f"name: is needed for a model of kind {self.kind}")
        if self.kind is Kind.OPENAI and self.base_url is None:
            raise ValueError("base_url: is needed, such as http://127.0.0.1:8000/v1; pages are sent nowhere unasked")
        if self.base_url is not None:
            _check_url(self.base_url)
        if self.boxes is not None and self.boxes not in STYLES:
            raise ValueError(f"boxes: is to be one of {', '.join(STYLES)}")
        if self.key is not None and self.key_env is not None:
            raise ValueError("key: says nothing beside key_env")
        if self.base_url is not None and self.provider is not None:
            raise ValueError("provider: says nothing beside base_url")
        return self

    @property
    def _is_endpoint(self) -> bool:
        """Whether it is a server that holds one model and needs no name for it."""
        return self.kind is Kind.HUGGINGFACE and self.base_url is not None

    @property
    def is_remote(self) -> bool:
        """Whether another machine runs it, or another process: it takes no memory of a worker."""
        return self.kind in REMOTE

    @property
    def capabilities(self) -> frozenset[Capability] | None:
        """What it can do as far as that is known without loading it: of a checkpoint, where its folder is here."""
        if self.kind is Kind.LOCAL:
            return _of_checkpoint(str(self.name))
        known = _CAPABILITIES.get(self.kind)
        return known if known is None or self.boxes is None else known | {Capability.LOCATE}

    @property
    def reads_sheets(self) -> bool:
        """Whether it is known to read many regions of a picture at the cost of one: it checks values unasked, then."""
        return self.kind is Kind.BUNDLED

    @property
    def can_talk(self) -> bool | None:
        """Whether it can go on with a talk; None where that is not known without loading it."""
        return self.can(Capability.CHAT)

    def can(self, capability: str) -> bool | None:
        """Whether it can do what has this name; None where that is not known without loading it."""
        return None if self.capabilities is None else Capability(capability) in self.capabilities


@dataclass(frozen=True, slots=True)
class Catalog:
    """All models by the names that jobs choose them by."""

    models: Mapping[str, Entry]
    default: str
    questions: str
    is_chosen: bool  # whether somebody named a default; else each worker may have another one
    visual: Entry | None = None  # what embeds pages for visual search; it reads none. None: visual search is off

    def entry(self, name: str) -> Entry:
        """How the model of this name is reached. Raises UnknownModel that lists the known ones."""
        if name not in self.models:
            known = ", ".join(self.models)
            raise UnknownModel(f"There is no model named {name!r} here; there are: {known}.", known=list(self.models))
        return self.models[name]

    def name_in_rows(self, name: str) -> str:
        """What stands in rows as the model that read something, where this one did. Raises UnknownModel."""
        return self.entry(name).name or name

    def chosen(self, asked: str | None, *, question: bool = False) -> str | None:
        """The model of a job that asks for this one; None where nobody chose: then the worker's default reads it.

        Raises UnknownModel, also for one that embeds pages and reads none.
        """
        if asked is not None:
            if self.entry(asked).capabilities == ONLY_EMBEDS:
                raise UnknownModel(f"The model {asked!r} embeds pages for visual search; it reads none.")
            return asked
        if not self.is_chosen:
            return None
        return self.questions if question else self.default


def read_catalog(settings: Settings) -> Catalog:
    """The models of the file and the settings; `bundled` is always among them.

    Raises ConfigurationError that names the file, the line and the key.
    """
    place = settings.models
    text = "" if place is None else _text_of(place)
    body = {} if place is None else _table_in(place, text)
    named = settings.model or None  # an empty variable names nothing
    models = {BUNDLED: Entry(kind=Kind.BUNDLED)}
    for name, given in _models_in(place, text, body).items():
        models[name] = _entry(place, text, name, given)
    if named is not None and named not in models:
        models[named] = _entry_of(named, settings.model_revision)
    visual = _visual(settings, models)
    default = named or _named(place, text, body, "default", models) or BUNDLED
    questions = _named(place, text, body, "questions", models) or default
    if named is not None:  # who names one model for a process means all of its work
        questions = named
    return Catalog(models, default, questions, is_chosen=bool(named or body.get("default")), visual=visual)


def _of_checkpoint(place: str) -> frozenset[Capability] | None:
    """What the family of a checkpoint can do, by its config.json; None where there is no such folder to look into."""
    try:
        config = json.loads((Path(place).expanduser() / "config.json").read_text("utf-8"))
    except (OSError, ValueError, RuntimeError):
        return None
    family = config.get("model_type") if isinstance(config, dict) else None
    if family in embedding.FAMILIES:
        return ONLY_EMBEDS
    return None if family is None else FAMILIES.get(str(family), UNKNOWN).can


def _entry_of(name: str, revision: str | None, setting: str = "FOLIOSCOPE_MODEL") -> Entry:
    """What a setting names that stands in no file: a factory, a path or a hub id."""
    kind = Kind.FACTORY if ":" in name else Kind.LOCAL
    try:
        return Entry(kind=kind, name=name, revision=revision)
    except ValidationError as error:
        raise ConfigurationError(f"{setting}={name!r} cannot be a model's name.") from error


def _visual(settings: Settings, models: dict[str, Entry]) -> Entry | None:
    """What embeds pages, where the settings name it. One of the file is no model of jobs then: it is taken out."""
    name = settings.visual_model or None
    if name is None:
        return None
    entry = models.pop(name, None) or _entry_of(name, None, "FOLIOSCOPE_VISUAL_MODEL")
    if entry.kind not in {Kind.LOCAL, Kind.FACTORY}:
        raise ConfigurationError(
            f"FOLIOSCOPE_VISUAL_MODEL={name!r} is a model of kind {entry.kind}; visual search needs a checkpoint."
        )
    return entry


def _text_of(place: Path) -> str:
    try:
        return place.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise ConfigurationError(f"The models file {place} cannot be read: {reason}.") from error


def _table_in(place: Path, text: str) -> dict[str, Any]:
    try:
        body = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"The models file {place} is not TOML: {error}.") from error
    except (ValueError, RecursionError) as error:  # a number or a nesting that Python does not take
        raise ConfigurationError(f"The models file {place} holds what is too large to read.") from error
    strange = next((key for key in body if key not in {"default", "questions", "models"}), None)
    if strange is not None:
        raise _wrong(place, text, None, strange, "is not known; there are default, questions and [models.NAME]")
    return body


def _models_in(place: Path | None, text: str, body: dict[str, Any]) -> dict[str, Any]:
    models = body.get("models", {})
    if place is not None and not isinstance(models, dict):
        raise _wrong(place, text, None, "models", "is to be a table: [models.NAME]")
    return dict(models)


def _entry(place: Path | None, text: str, name: str, given: Any) -> Entry:
    assert place is not None  # noqa: S101 - only a file has entries
    if not isinstance(given, dict):
        raise _wrong(place, text, None, name, f"is to be a table: [models.{name}]")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}", name):
        raise _wrong(place, text, name, None, "cannot be a name: letters, digits and . _ / - are, at most 100")
    if name == BUNDLED and given.get("kind") != BUNDLED:
        raise _wrong(place, text, name, "kind", 'is to be "bundled" under this name')
    try:
        entry = Entry.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        key, says = str(first["loc"][0]) if first["loc"] else None, first["msg"].removeprefix("Value error, ")
        if key is None and ": " in says:
            key, _, says = says.partition(": ")
        raise _wrong(place, text, name, key, says[:1].lower() + says[1:]) from None  # its cause may hold a secret
    if entry.key is not None:
        _log.warning("a secret stands in the models file; name a variable by key_env instead", model=name)
    return entry


def _named(place: Path | None, text: str, body: dict[str, Any], key: str, models: Mapping[str, Entry]) -> str | None:
    """The model that the file names as its default, or for questions."""
    name = body.get(key)
    if place is None or name is None:
        return None
    if not isinstance(name, str) or name not in models:
        raise _wrong(place, text, None, key, f"names no model; there are {', '.join(models)}")
    return name


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # it quotes the port, which may be a misplaced secret
        is_one = False
    if not is_one:
        raise ValueError("base_url: is to be a URL that begins with http:// or https://")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("base_url: is to hold no secret; name a variable by key_env")


def _wrong(place: Path, text: str, model: str | None, key: str | None, says: str) -> ConfigurationError:
    """What is wrong where, in one sentence."""
    line = _line_of(text, model, key)
    where = f"{place}, line {line}" if line else str(place)
    what = ".".join(part for part in ("models" if model else "", model or "", key or "") if part)
    return ConfigurationError(f"{where}: {what} {says}.", file=str(place), line=line, key=what)


def _line_of(text: str, model: str | None, key: str | None) -> int | None:
    """The line of a key in its table, or of the table's head; None where it is written in another way."""
    table: str | None = None
    head: int | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r"\s*\[\s*([^\]]+?)\s*\]", line):
            table = found[1].replace('"', "").replace("'", "")
            head = number if model is not None and table == f"models.{model}" else head
        elif key and table == (f"models.{model}" if model else None) and re.match(rf"\s*{re.escape(key)}\s*=", line):
            return number
    return head
