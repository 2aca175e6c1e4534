"""How much longer the same takes in a larger database, printed as a table.

Times are of the clock, so the machine should have nothing else to do. The two databases are asked in turn, so that
growth means something on a busy one, too; there the least time says more of the work than the median.
"""

import statistics
import time
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Collection, Sequence
from typing import TypeAlias

from rich.console import Console
from rich.table import Table

from benchmarks.many_records import Filled, add_options, filled_pair

Clock: TypeAlias = Callable[[], float]
Seconds: TypeAlias = Callable[[Filled, str, Clock], float]


def run(about: str | None, what: str, option: str, choices: Collection[str], seconds: Seconds) -> None:
    """The command of a benchmark: print for each kind of database how long each of the choices takes."""
    parser = ArgumentParser(description=about, formatter_class=RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument(option, dest="names", action="append", choices=choices, help="this alone")
    arguments = parser.parse_args()
    for kind in arguments.databases:
        with filled_pair(kind, arguments) as pair:
            print_growth(f"{what} on {kind}", pair, arguments.names or list(choices), seconds, arguments)


def print_growth(
    title: str,
    pair: tuple[Filled, Filled],
    names: Sequence[str],
    seconds: Seconds,
    arguments: Namespace,
) -> None:
    """Measure each of the names in both databases, in turn so that none is favoured, and print what came of it."""
    clock = time.process_time if arguments.processor_time else time.perf_counter
    measured: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in names}
    for _ in range(arguments.rounds):
        for name, both in measured.items():
            for filled, times in zip(pair, both, strict=True):
                times.append(1_000 * seconds(filled, name, clock))
    few, many = (f"{filled.records:,} records" for filled in pair)
    table = Table("ms: median, least", few, many, "times", title=title)
    for name, (small, large) in measured.items():
        growth = statistics.median(large) / statistics.median(small)
        table.add_row(name, _shown(small), _shown(large), f"{growth:.2f}")
    Console(width=120).print(table)


def _shown(times: Sequence[float]) -> str:
    return f"{statistics.median(times):.1f}, {min(times):.1f}"
