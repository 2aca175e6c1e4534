"""The model of visual search, loaded as the catalog names it."""

import importlib
from pathlib import Path

from core.errors import ConfigurationError, FolioscopeError, ModelUnavailable
from core.settings import Settings
from workers.vlm.catalog import Catalog, Kind
from workers.vlm.embedding.interface import EmbeddingModel


def load_embedding_model(settings: Settings, name: str, catalog: Catalog) -> EmbeddingModel:
    """The model that embeds pages, if it is the one of this name.

    Raises ModelUnavailable where it cannot be loaded, or where this process has another one or none, and
    ConfigurationError where the settings cannot work.
    """
    entry = catalog.visual
    if entry is None or entry.name != name:
        raise ModelUnavailable(f"This worker has not been told to search by the model {name!r}.", model=name)
    try:
        if entry.kind is Kind.FACTORY:
            return _by_factory(name, settings)
        return _checkpoint(
            name,
            revision=entry.revision,
            device=entry.device or settings.device,
            dtype=entry.dtype or settings.dtype,
            threads=settings.model_threads,
        )
    except FolioscopeError:
        raise
    except ModuleNotFoundError as error:
        missing = f"it needs the package {error.name!r}; install folioscope[worker]."
        raise ModelUnavailable(f"The model {name!r} could not be loaded: {missing}", model=name) from error
    except Exception as error:
        said = next(iter(str(error).strip().splitlines()), "")
        detail = f"The model {name!r} could not be loaded: {type(error).__name__}: {said}"
        raise ModelUnavailable(detail, model=name) from error


def _checkpoint(name: str, *, revision: str | None, device: str, dtype: str, threads: int) -> EmbeddingModel:
    if name.startswith(("/", ".", "~")) and not Path(name).expanduser().is_dir():
        raise ModelUnavailable(f"The model {name!r} could not be loaded: there is no such folder.", model=name)
    from workers.vlm.embedding.backend import LateInteraction  # noqa: PLC0415 - torch takes seconds: only who needs it pays

    return LateInteraction.load(name, revision, device, dtype, threads)


def _by_factory(name: str, settings: Settings) -> EmbeddingModel:
    """`package.module:factory`, called with the settings."""
    module_name, _, attribute = name.partition(":")
    try:
        factory = getattr(importlib.import_module(module_name), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigurationError(f"The model {name!r} names no function that can be imported: {error}.") from error
    model: EmbeddingModel = factory(settings)
    return model
