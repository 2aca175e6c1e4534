"""The settings of a worker process, read once at its start."""

from pydantic import ValidationError

from core.errors import ConfigurationError
from core.settings import Settings


def read_settings() -> Settings:
    """The settings from the environment. Raises ConfigurationError that names the one that cannot work."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        raise ConfigurationError(f"FOLIOSCOPE_{name}: {first['msg']}.") from error
