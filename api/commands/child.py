"""Commands that load a model do so in a process of its own, which prints JSON: the command line knows no model."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from core.errors import ModelUnavailable, error_named


def said_by(module: str, words: Sequence[str], model: str) -> dict[str, Any]:
    """What `python -m module words...` prints. Raises the error that it ended by; `model` names it in the sentence."""
    # -P: a folder named `workers` where the command is given must not hide ours
    command = [sys.executable, "-P", "-m", module, *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, env=os.environ | {"PYTHONSAFEPATH": "1"}, check=False)  # noqa: S603 - our own interpreter and module
    if done.returncode == -signal.SIGKILL:
        raise ModelUnavailable(
            f"{model[:1].upper()}{model[1:]} was killed: it does not fit into this machine's memory."
        )
    try:
        said: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        raise ModelUnavailable(f"The process of {model} ended without a word, by {done.returncode}.") from error
    if "error" in said:
        raise error_named(said["error"]["code"], said["error"]["detail"])
    return said
