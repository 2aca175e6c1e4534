"""How long exact answers take as records grow: `python -m benchmarks.sums`.

The databases are those of `benchmarks.queries`: 5,000 records and 50,000, of 20 values each. Each question is added up
over all of its records, as an answer needs it: the number, and what it leaves out.
"""

from collections.abc import Callable

from benchmarks.growth import run
from benchmarks.many_records import Filled
from storage import sums
from storage.filters import parse_filter
from storage.subjects import fields_by_path
from storage.sums import Asked, Cut, Version

QUESTIONS: dict[str, tuple[str | None, str | None, tuple[str, Cut] | None]] = {
    "how many": (None, None, None),
    "the total": (None, "total", None),  # and the largest and the smallest one with it
    "the total per vendor": (None, "total", ("vendor_name", Cut.VALUE)),
    "the tax per month": (None, "tax", ("invoice_date", Cut.MONTH)),
    "how many over 5,000": ("total >= 5000", None, None),
    "the total of 2023": ("invoice_date between 2023-01-01 and 2023-12-31", "total", None),
    "the total of a vendor": ("vendor_name = 'acme-7 ltd'", "total", None),
    "the total of a vendor in 2023": (
        "vendor_name = 'acme-7 ltd' and invoice_date between 2023-01-01 and 2023-12-31",
        "total",
        None,
    ),
}


def main() -> None:
    """Print the medians."""
    run(__doc__, "Exact answers", "--question", QUESTIONS, _seconds)


def _seconds(filled: Filled, question: str, clock: Callable[[], float]) -> float:
    where, field, by = QUESTIONS[question]
    fields = fields_by_path(filled.wanted)
    start = clock()
    version = Version(filled.schema_id, 1, parse_filter(where, filled.wanted) if where else None)
    group = (fields[by[0]], by[1]) if by else (None, Cut.VALUE)
    asked = Asked(filled.workspace_id, (version,), field=fields[field] if field else None, by=group[0], cut=group[1])
    with filled.sessions() as session:
        sums.tally(session, asked)
    return clock() - start


if __name__ == "__main__":
    main()
