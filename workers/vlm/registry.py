"""Which model is which: loads the one that a name of the catalog stands for, and says clearly why it cannot be had."""

import importlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import assert_never

from core.errors import ConfigurationError, FolioscopeError, ModelUnavailable
from core.settings import Settings
from workers.vlm.catalog import Catalog, Entry, Kind, read_catalog
from workers.vlm.interface import Model

_NO_ROOM = re.compile(r"out of memory|can't allocate memory|not enough memory|Cannot allocate", re.IGNORECASE)
_NO_TOKEN = re.compile(r"gated repo|\b40[13]\b|must have access|private (repo|model)|Invalid username", re.IGNORECASE)
_NOT_THERE = re.compile(r"not a valid model identifier|Repository Not Found|Incorrect path_or_model_id|\b404\b")
_NO_NET = re.compile(r"couldn't connect|offline mode|Cannot reach|ConnectError|Name or service", re.IGNORECASE)


def load_model(settings: Settings, name: str | None = None, catalog: Catalog | None = None) -> Model:
    """The model of this name, by default the one that the settings or the models file name for jobs.

    Raises ModelUnavailable where it cannot be loaded, ConfigurationError where the settings cannot work, UnknownModel.
    """
    known = catalog or read_catalog(settings)
    name = name or known.default
    entry = known.entry(name)
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")  # a log is no place for bars
    try:
        return _load(name, entry, settings)
    except ConfigurationError:
        raise
    except ModelUnavailable as error:
        raise ModelUnavailable(_hinted(error.detail, entry, error), model=name) from error
    except FolioscopeError:
        raise
    except ModuleNotFoundError as error:
        extra = "remote" if entry.is_remote else "worker"
        missing = f"it needs the package {error.name!r}; install folioscope[{extra}]."
        raise ModelUnavailable(f"The model {name!r} could not be loaded: {missing}", model=name) from error
    except Exception as error:
        said = next(iter(str(error).strip().splitlines()), "")
        detail = f"The model {name!r} could not be loaded: {type(error).__name__}: {said}"
        raise ModelUnavailable(_hinted(detail, entry, error), model=name) from error


def _load(name: str, entry: Entry, settings: Settings) -> Model:
    match entry.kind:
        case Kind.BUNDLED:
            from workers.vlm.bundled.backend import BundledModel  # noqa: PLC0415 - torch takes seconds: only who needs it pays

            return BundledModel.load(
                threads=settings.model_threads,
                device=entry.device or settings.device,
                dtype=entry.dtype or settings.dtype,
            )
        case Kind.LOCAL:
            return _load_local(entry, settings)
        case Kind.FACTORY:
            return _load_by_factory(str(entry.name), entry, settings)
        case Kind.OPENAI:
            from workers.vlm.remote.openai import connect  # noqa: PLC0415 - the client is in an extra

            return connect(name, entry)
        case Kind.HUGGINGFACE:
            from workers.vlm.remote.hugging_face import connect  # noqa: PLC0415 - the same

            return connect(name, entry)
        case _:
            assert_never(entry.kind)


def _load_local(entry: Entry, settings: Settings) -> Model:
    place = str(entry.name)
    if place.startswith(("/", ".", "~")) and not Path(place).expanduser().is_dir():
        raise ModelUnavailable(f"The model {place!r} could not be loaded: there is no such folder.", model=place)
    from workers.vlm.local.backend import LocalModel  # noqa: PLC0415 - torch takes seconds: only who needs it pays

    return LocalModel.load(
        place,
        revision=entry.revision or settings.model_revision,
        device=entry.device or settings.device,
        dtype=entry.dtype or settings.dtype,
        threads=settings.model_threads,
        quantization=entry.quantization,
        max_new_tokens=entry.max_new_tokens,
        max_image_pixels=entry.max_image_pixels,
        logprobs=entry.logprobs,
    )


def _load_by_factory(name: str, entry: Entry, settings: Settings) -> Model:
    """`package.module:factory` called with the settings, the entry's own choices among them."""
    module_name, _, attribute = name.partition(":")
    try:
        factory = getattr(importlib.import_module(module_name), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigurationError(f"The model {name!r} names no function that can be imported: {error}.") from error
    own = {"device": entry.device, "dtype": entry.dtype, "model_revision": entry.revision}
    model: Model = factory(settings.model_copy(update={key: value for key, value in own.items() if value is not None}))
    return model


def _hinted(detail: str, entry: Entry, error: BaseException) -> str:
    """The sentence, with what to do about it where that is known."""
    said = "\n".join(f"{type(e).__name__} {e}" for e in _chain(error))
    if any(isinstance(e, MemoryError) for e in _chain(error)) or _NO_ROOM.search(said):
        return f"{detail} It does not fit into memory: take a smaller one, or a smaller dtype or quantization."
    if entry.kind is not Kind.LOCAL:
        return detail
    if _NO_TOKEN.search(said):
        return f"{detail} It needs a token: set HF_TOKEN to one of an account that may read it."
    if _NOT_THERE.search(said):
        return f"{detail} There is no such folder and no such model on the hub."
    if _NO_NET.search(said):
        return f"{detail} The hub cannot be reached and the model is not in its cache."
    return detail


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what caused it."""
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__
