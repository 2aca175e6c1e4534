"""Ties a program to the process that started it: `python -P -m api.tether PARENT PROGRAM...` becomes PROGRAM.

Where the kernel can (Linux), the program is sent SIGTERM when its parent dies, however it dies. It imports next to
nothing, so that Redis is up in a blink.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

_ON_PARENTS_DEATH = 1  # PR_SET_PDEATHSIG, linux/prctl.h; it outlives exec


def tethered(program: Sequence[str]) -> list[str]:
    """The command that runs a program tied to this process. Start it from the main thread."""
    return [sys.executable, "-P", "-S", __file__, str(os.getpid()), *program]


def main() -> None:
    """Become the program."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_ON_PARENTS_DEATH, signal.SIGTERM)
    if os.getppid() != parent:  # it was quicker
        sys.exit(0)
    os.execvp(program[0], program)  # noqa: S606 - the program is our own choice, no shell is wanted


if __name__ == "__main__":
    main()
