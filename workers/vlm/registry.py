"""Which model is which: the bundled one, any checkpoint by path or hub id, or a factory of the operator's own."""

import importlib
import os

from core.errors import ConfigurationError, FolioscopeError, ModelUnavailable
from core.settings import Settings
from workers.vlm.interface import Model


def load_model(settings: Settings) -> Model:
    """The model that the settings name: `bundled`, a path, a hub id, or `module:factory` that takes the settings.

    Raises ModelUnavailable where it cannot be loaded, ConfigurationError where the name cannot be one.
    """
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")  # a log is no place for bars
    try:
        return _load(settings.model, settings)
    except FolioscopeError:
        raise
    except ModuleNotFoundError as error:
        missing = f"it needs the package {error.name!r}; install folioscope[worker]."
        raise ModelUnavailable(f"The model {settings.model!r} could not be loaded: {missing}") from error
    except Exception as error:
        said = next(iter(str(error).strip().splitlines()), "")
        raise ModelUnavailable(
            f"The model {settings.model!r} could not be loaded: {type(error).__name__}: {said}"
        ) from error


def _load(name: str, settings: Settings) -> Model:
    if name == "bundled":
        from workers.vlm.bundled.backend import BundledModel  # noqa: PLC0415 - torch takes seconds: only who needs it pays

        return BundledModel.load(threads=settings.model_threads)
    if ":" in name:
        return _load_by_factory(name, settings)
    from workers.vlm.local import LocalModel  # noqa: PLC0415 - the same

    return LocalModel.load(
        name,
        revision=settings.model_revision,
        device=settings.device,
        dtype=settings.dtype,
        threads=settings.model_threads,
    )


def _load_by_factory(name: str, settings: Settings) -> Model:
    """`package.module:factory` called with the settings."""
    module_name, _, attribute = name.partition(":")
    try:
        factory = getattr(importlib.import_module(module_name), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigurationError(f"The model {name!r} names no function that can be imported: {error}.") from error
    model: Model = factory(settings)
    return model
