"""Print the foreign pages and their truth again: `python -m training.foreign`."""

import argparse
from pathlib import Path

from training.foreign.make import make
from training.foreign.truth import FOLDER


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m training.foreign",
        description=__doc__,
        epilog="example: python -m training.foreign --to /tmp/foreign --looks hotel payslip",
    )
    parser.add_argument("--to", type=Path, default=FOLDER, help=f"folder to write to (default: {FOLDER})")
    parser.add_argument("--looks", nargs="*", default=(), help="only these, for a glance at a new one; needs --to")
    given = parser.parse_args()
    if given.looks and given.to == FOLDER:
        parser.error("some looks only would leave truth.jsonl without the others: name another folder with --to")
    given.to.mkdir(parents=True, exist_ok=True)
    print(f"{make(given.to, given.looks)} pages in {given.to}")


if __name__ == "__main__":
    main()
