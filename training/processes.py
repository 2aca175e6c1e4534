"""Commands of this room as processes of their own."""

import subprocess
import sys


def command(module: str, *options: object) -> list[str]:
    """The command line of one of this room's modules."""
    return [sys.executable, "-m", f"training.{module}", *map(str, options)]


def run_side_by_side(commands: list[list[str]]) -> None:
    """Run commands at the same time; if one fails, end the others and say so."""
    running = [subprocess.Popen(line) for line in commands]  # noqa: S603 - our own commands
    try:
        codes = [process.wait() for process in running]
    finally:
        for process in running:
            process.terminate()
    if any(codes):
        raise SystemExit(f"A stage failed: {[line[2] for line, code in zip(commands, codes, strict=True) if code]}")
