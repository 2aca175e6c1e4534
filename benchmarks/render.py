"""Training pages a second on one core: `python -m benchmarks.render`.

Each family's pages are composed, then drawn at `--dpi`; both are timed in processor time, so that other work on the
machine says little. Fonts are opened and measured before the clock runs.
"""

import argparse
import time

from rich.console import Console
from rich.table import Table

from training.render import Page, Split, compose, rasterize
from training.render.compose import FAMILIES, SHARES

FIRST_SEED = 7_000_000  # of pages that nothing learns from and nothing scores


def main() -> None:
    """Print the table, with the mean over the families by their shares at its end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--dpi", type=int, default=150)
    arguments = parser.parse_args()
    seeds = range(FIRST_SEED, FIRST_SEED + arguments.pages)
    for seed in range(FIRST_SEED - 100, FIRST_SEED):
        compose(seed, Split.TRAIN)
    table = Table("family", "composed", "composed and drawn", title="Pages a second on one core")
    costs = {family: measure(family, seeds, arguments.dpi) for family in FAMILIES}
    for family, (composing, drawing) in costs.items():
        table.add_row(family, f"{1 / composing:.0f}", f"{1 / (composing + drawing):.1f}")
    composing, drawing = (sum(costs[family][side] * SHARES[family] for family in FAMILIES) for side in (0, 1))
    table.add_row("all, by their shares", f"{1 / composing:.0f}", f"{1 / (composing + drawing):.1f}")
    Console().print(table)


def measure(family: str, seeds: range, dpi: int) -> tuple[float, float]:
    """Seconds of processor time that a page of a family takes to compose, and to draw."""
    start = time.process_time()
    pages: list[Page] = [compose(seed, Split.TRAIN, family) for seed in seeds]
    middle = time.process_time()
    for page in pages:
        rasterize(page, dpi)
    return (middle - start) / len(seeds), (time.process_time() - middle) / len(seeds)


if __name__ == "__main__":
    main()
