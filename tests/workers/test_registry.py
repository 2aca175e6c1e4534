"""A model that cannot be had is said so in one sentence, whatever the reason."""

import pytest

from core.errors import ConfigurationError, FolioscopeError, ModelUnavailable
from core.settings import Settings
from workers.vlm.interface import Model, ModelIdentity
from workers.vlm.registry import load_model


def broken_factory(_settings: Settings) -> Model:
    """A factory of an operator's own that does not work."""
    raise ZeroDivisionError("no weights to divide by\nand more")


def lacking_factory(_settings: Settings) -> Model:
    """A factory that needs a package which is not there."""
    raise ModuleNotFoundError(name="flash_attention")


@pytest.mark.parametrize(
    ("name", "kind", "says"),
    [
        ("tests.workers.test_registry:nothing", ConfigurationError, "nothing"),
        ("no.such.module:load", ConfigurationError, "no.such.module"),
        ("tests.workers.test_registry:broken_factory", ModelUnavailable, "ZeroDivisionError: no weights"),
        ("tests.workers.test_registry:lacking_factory", ModelUnavailable, "'flash_attention'"),
    ],
)
def test_a_model_that_cannot_be_had_is_named_with_the_reason(name: str, kind: type[FolioscopeError], says: str) -> None:
    with pytest.raises(kind) as raised:
        load_model(Settings(model=name))
    assert says in raised.value.detail
    assert "\n" not in raised.value.detail


def test_an_operators_own_factory_gets_the_settings() -> None:
    assert load_model(Settings(model="tests.workers.test_registry:echo", device="gpu7")).identity.name == "gpu7"


def echo(settings: Settings) -> object:
    """A factory whose model has nothing but a name."""

    class Named:
        identity = ModelIdentity(settings.device, "1", "echo")

    return Named()
