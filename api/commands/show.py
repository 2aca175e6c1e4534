"""How commands show what they have: tables for people, JSON for programs, progress on stderr."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from api.results import Job, as_json

_PIPED_WIDTH = 10_000  # a line is a line where nobody looks at it: nothing is wrapped or cut off


def console() -> Console:
    """What people read. In a pipe, lines are as long as they need to be."""
    width = None if sys.stdout.isatty() else _PIPED_WIDTH
    return Console(width=width, highlight=False, soft_wrap=False, markup=False, emoji=False)


def say(text: str = "") -> None:
    """A line on stdout."""
    console().print(Text(text))


def note(text: str) -> None:
    """A line on stderr, for people, that programs need not read."""
    print(text, file=sys.stderr)  # noqa: T201 - a command speaks


def print_json(results: object) -> None:
    """Results in the API's own form, alone on stdout."""
    print(json.dumps(as_json(results), ensure_ascii=False, indent=2))  # noqa: T201 - a command speaks


def print_plain_json(body: Any) -> None:
    """A body of plain values as JSON, alone on stdout."""
    print(json.dumps(body, ensure_ascii=False, indent=2))  # noqa: T201 - a command speaks


def print_table(
    heads: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[str] = (), whole: Sequence[str] = ()
) -> None:
    """Rows under heads: `right` columns end at the right, `whole` ones are never broken over lines."""
    table = Table(box=None, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for head in heads:
        table.add_column(
            Text(head),
            justify="right" if head in right else "left",
            no_wrap=head in whole or head in right,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(Text(_cell(cell)) for cell in row))
    out = console()
    if out.is_terminal:
        out.print(table)
        return
    with out.capture() as drawn:  # rich fills the last column with blanks
        out.print(table)
    print("\n".join(line.rstrip() for line in drawn.get().splitlines()))  # noqa: T201 - a command speaks


def percent(share: float | None) -> str:
    """A confidence for people."""
    return "" if share is None else f"{share:.0%}"


def duration(seconds: float) -> str:
    """A time for people: 45 s, 12 min, 3 h 20 min."""
    if seconds < 90:  # noqa: PLR2004 - below, seconds say more
        return f"{max(1, round(seconds))} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


@contextmanager
def sending(total: int) -> Iterator[Callable[[int, int], None]]:
    """A bar of bytes on stderr, where somebody looks."""
    columns = (TextColumn("uploading"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with _progress(*columns) as progress:
        task = progress.add_task("", total=total or None)
        yield lambda sent, of: progress.update(task, completed=sent, total=of or None)


@contextmanager
def working(what: str) -> Iterator[Callable[[Sequence[Job]], None]]:
    """A bar of pages on stderr, where somebody looks; it is told of jobs."""
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TextColumn("pages"), TimeElapsedColumn())
    with _progress(*columns) as progress:
        task = progress.add_task("", total=None)

        def tell(jobs: Sequence[Job]) -> None:
            done = sum(job.progress.done + job.progress.failed + job.progress.cancelled for job in jobs)
            progress.update(task, completed=done, total=sum(job.progress.total for job in jobs))

        yield tell


def _progress(*columns: Any) -> Progress:
    # rich would draw an empty line where it cannot draw a bar
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())


def _cell(value: object) -> str:
    return "" if value is None else str(value)
