"""The key of a server: out of the environment, and nowhere else to be seen."""

import os

from core.errors import ModelUnavailable
from workers.vlm.catalog import Entry


def secret_of(name: str, entry: Entry) -> str | None:
    """The key that an entry names; None where it names none. Raises ModelUnavailable where it is not set."""
    if entry.key_env is None:
        return None if entry.key is None else entry.key.get_secret_value()
    secret = os.environ.get(entry.key_env, "").strip()
    if not secret:
        needs = f"The model {name!r} needs a key: set the environment variable {entry.key_env}."
        raise ModelUnavailable(needs, model=name)
    return secret
