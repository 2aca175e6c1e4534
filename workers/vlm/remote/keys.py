"""The key of a server: out of the environment, and nowhere else to be seen."""

import os

from core.errors import ModelUnavailable
from workers.vlm.catalog import Entry


def secret_of(name: str, entry: Entry) -> str | None:
    """The key that an entry names; None where it names none.

    Raises ModelUnavailable where it is not set, or is no key: a client that cannot send one quotes it in its error.
    """
    if entry.key_env is None:
        return None if entry.key is None else _checked(entry.key.get_secret_value(), name, "key")
    secret = os.environ.get(entry.key_env, "").strip()
    if not secret:
        needs = f"The model {name!r} needs a key: set the environment variable {entry.key_env}."
        raise ModelUnavailable(needs, model=name)
    return _checked(secret, name, entry.key_env)


def _checked(secret: str, name: str, where: str) -> str:
    """The key without the space around it."""
    secret = secret.strip()
    if not secret or not all("!" <= c <= "~" for c in secret):
        raise ModelUnavailable(f"The model {name!r} needs a key: {where} holds none, or more than one.", model=name)
    return secret
