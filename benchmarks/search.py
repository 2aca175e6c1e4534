"""How long a search takes over many pages: `python -m benchmarks.search [--pages N]`.

Each database is filled with pages of generated text: 120 words each, drawn from 50,000 by Zipf's law, with a name, a
number and a date. For every kind of search the median of `--rounds` different ones is printed, as a caller of storage
gets them: twenty pages with snippets and boxes; and the processor time that this process spent on each, which on
PostgreSQL leaves the server's out. At last, what writing a reading costs.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate

from rich.console import Console
from rich.table import Table
from sqlalchemy import func, insert, select, text

from benchmarks import databases
from core.records import Box, DocumentState, PageState, ReadingSource
from storage.database import Engine, Sessions, make_engine, make_sessions, new_id
from storage.migrate import upgrade
from storage.paging import in_parts
from storage.readings import NewReading, ReadLine, put_readings
from storage.search import find_pages
from storage.search_query import Search, parse_search
from storage.tables import Blob, Document, Page
from storage.workspaces import ensure_workspace

WORDS = 50_000
OF_A_PAGE, OF_A_LINE = 120, 10
PAGES = 100  # of a document
_SHORT, _RARE = 500, 2_000  # ranks of words: the common ones are short, the others carry a number

_SYLLABLES = ("ba", "co", "di", "fu", "ga", "le", "mi", "no", "pa", "re", "si", "to", "vu", "za", "ken", "mar", "tel")


@dataclass(frozen=True, slots=True)
class Filled:
    """A database with its pages."""

    engine: Engine
    sessions: Sessions
    workspace_id: str
    milliseconds: float | None  # that a reading took to write; None where they lay there already


class Language:
    """Words, a few of them common and most of them rare."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - made-up text
        self.words = [self._word(number) for number in range(WORDS)]
        self._weights = list(accumulate(1 / (rank + 2) for rank in range(WORDS)))

    def draw(self, count: int) -> list[str]:
        """Words as they come in a text."""
        return self.dice.choices(self.words, cum_weights=self._weights, k=count)

    def page(self, number: int) -> list[str]:
        """The lines of a page."""
        words = self.draw(OF_A_PAGE)
        day = f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}"
        words[:4] = ["invoice", f"N-{number:07}", f"client{number // 50}", day]
        return [" ".join(part) for part in in_parts(words, OF_A_LINE)]

    def _word(self, number: int) -> str:
        length = 2 + (number > _SHORT) + (number > _RARE)
        return "".join(self.dice.choices(_SYLLABLES, k=length)) + (str(number) if number > _SHORT else "")


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=30)
    databases.add_options(parser)
    arguments = parser.parse_args()
    table = Table(
        "database", "search", "pages found", "median, ms", "processor, ms", title=f"{arguments.pages:,} pages"
    )
    for name in arguments.databases:
        with databases.database(name, arguments.pages, arguments.keep) as url:
            filled = _filled(url, arguments.pages)
            every: list[float] = []
            spent: list[float] = []
            for kind, make in _searches(arguments.pages).items():
                seconds, processor, found = _measured(filled, make, arguments.rounds)
                every += seconds
                spent += processor
                table.add_row(name, kind, f"{found:,}", _median(seconds), _median(processor))
            table.add_row(name, "all of these", "", _median(every), _median(spent))
            if filled.milliseconds is not None:
                table.add_row(name, "writing a reading", "", f"{filled.milliseconds:.2f}", "")
            filled.engine.dispose()
    Console().print(table)


def _searches(pages: int) -> dict[str, Callable[[Language], Search | None]]:
    """Kinds of searches; each makes another one every time."""
    return {
        "a number": lambda of: parse_search(f"N-{of.dice.randrange(pages):07}"),
        "a client": lambda of: parse_search(f"client{of.dice.randrange(max(1, pages // 50))}"),
        "two rare words": lambda of: parse_search(" ".join(of.dice.choices(of.words[_RARE:], k=2))),
        "a rare and a common word": lambda of: parse_search(f"invoice {of.dice.choice(of.words[_RARE:])}"),
        "two words as they come": lambda of: parse_search(" ".join(of.draw(2))),
        "a phrase": lambda of: parse_search('"' + " ".join(of.draw(2)) + '"'),
        "a beginning": lambda of: parse_search(f"{of.dice.choice(of.words[3_000:])[:6]}*"),
        "one without the other": lambda of: parse_search("{} -{}".format(*of.dice.choices(of.words[100:], k=2))),
        "either": lambda of: parse_search("{} OR {}".format(*of.dice.choices(of.words[100:], k=2))),
        "any of seven words": lambda of: parse_search(" OR ".join(["invoice", *of.draw(6)])),
        "a word on every page": lambda _: parse_search("invoice"),
        "two words on most pages": lambda of: parse_search(" ".join(of.dice.sample(of.words[:8], 2))),
    }


def _measured(
    filled: Filled, make: Callable[[Language], Search | None], rounds: int
) -> tuple[list[float], list[float], int]:
    """Seconds and processor seconds of each round, and the median number of pages found."""
    language = Language(seed=1)
    language.dice.seed(rounds)
    asked = [search for _ in range(rounds + 1) if (search := make(language)) is not None]
    seconds, processor, found = [], [], []
    for search in asked:
        start, start_processor = time.perf_counter(), time.process_time()
        with filled.sessions() as session:
            found.append(find_pages(session, filled.workspace_id, search).total)
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - start_processor)
    return seconds[1:], processor[1:], round(statistics.median(found))  # the first one opens connections


def _median(seconds: list[float]) -> str:
    return f"{1_000 * statistics.median(seconds):.1f}"


def _filled(url: str, pages: int) -> Filled:
    """A database with so many pages; a kept one that has them is only migrated."""
    engine = make_engine(url)
    upgrade(engine)
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        workspace_id = ensure_workspace(session, "default").id
        there = session.scalar(select(func.count()).select_from(Page)) or 0
    if there < pages:
        return Filled(engine, sessions, workspace_id, _fill(sessions, workspace_id, range(there, pages)))
    return Filled(engine, sessions, workspace_id, None)


def _fill(sessions: Sessions, workspace_id: str, missing: range) -> float:
    """Write the missing pages' readings, and tell the milliseconds that each took."""
    language = Language(seed=1)
    spent = 0.0
    language.dice.seed(missing.start)
    for numbers in in_parts(missing, PAGES):
        document_id = new_id()
        rows = [{"id": new_id(), "document_id": document_id, "number": at + 1} for at in range(len(numbers))]
        own = {"workspace_id": workspace_id, "state": PageState.READY, "words": []}
        made = {str(row["id"]): _reading(language.page(at)) for row, at in zip(rows, numbers, strict=True)}
        with sessions.begin() as session:
            session.execute(insert(Blob), [{"sha256": f"{numbers[0]:064x}"}])
            session.execute(insert(Document), [_document(workspace_id, document_id, numbers[0])])
            session.execute(insert(Page), [row | own for row in rows])
        start = time.perf_counter()
        with sessions.begin() as session:
            put_readings(session, workspace_id, document_id, made)
        spent += time.perf_counter() - start
    with sessions.begin() as session:
        session.execute(text("ANALYZE"))
    return 1_000 * spent / len(missing)


def _reading(texts: list[str]) -> NewReading:
    lines = [ReadLine(line, Box(0.1, at / 20, 0.9, at / 20 + 0.04), None) for at, line in enumerate(texts)]
    return NewReading(ReadingSource.LAYER, None, lines)


def _document(workspace_id: str, document_id: str, number: int) -> dict[str, object]:
    return {
        "id": document_id,
        "workspace_id": workspace_id,
        "sha256": f"{number:064x}",
        "name": f"{number}.pdf",
        "media_type": "application/pdf",
        "size": 1,
        "page_count": PAGES,
        "state": DocumentState.READY,
    }


if __name__ == "__main__":
    main()
