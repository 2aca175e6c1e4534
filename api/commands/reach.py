"""How a command finds its settings and the service."""

from pydantic import ValidationError

from api.client import Client
from api.running import address_of
from core.errors import ConfigurationError
from core.settings import Settings


def read_settings() -> Settings:
    """The settings of the environment. Raises ConfigurationError with the variable's name."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = error.errors()[0]
        name = "_".join(str(part) for part in wrong["loc"]).upper()
        raise ConfigurationError(f"FOLIOSCOPE_{name}={wrong['input']} cannot work: {wrong['msg']}.") from error


def open_client(settings: Settings | None = None) -> Client:
    """A client of the service that the settings name, or that runs on this machine."""
    return Client(*address_of(settings or read_settings()))


def page_address(folioscope: Client, settings: Settings) -> str:
    """Where a browser finds the service's web page, by a link that signs it in, once."""
    return address_of(settings)[0].rstrip("/") + folioscope.sign_in_path()
