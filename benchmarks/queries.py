"""How long a page of records takes, filtered and sorted, as values grow: `python -m benchmarks.queries`.

Two databases of each kind have records of 20 values each under one schema: 100,000 values, and 1,000,000. For every
query the median of `--rounds` first pages of 50 records is printed, as a caller of storage gets them, with their
values; and how much it grew. A selective filter leaves a handful of records, an unselective one half of them.
"""

from collections.abc import Callable

from benchmarks.growth import run
from benchmarks.many_records import Filled
from storage.filters import parse_filter
from storage.queries import Query, find_records
from storage.sorting import parse_sort

QUERIES = {
    "one number": ("invoice_number = N-{middle}", "total"),
    "selective": ("total >= 1000 and vendor_name ~ 'acme-77 ' and invoice_date >= 2024-01-01", "total"),
    "one in seventy": ("total >= 1000 and vendor_name ~ acme-7 and invoice_date >= 2024-01-01", "total"),
    "selective, newest first": ("vendor_name = 'acme-7 ltd' and total >= 100", "-invoice_date,total"),
    "half of all": ("total >= 5000 and invoice_date >= 2021-01-01", "-total"),
    "half of all, by date": ("total >= 5000", "invoice_date,-total"),
    "none passes": ("total >= 5000 and vendor_name ~ nobody", "total"),
    "a part of a note": ("note_3 ~ 'of {middle}'", "-total"),
    "a part of every note": ("note_3 ~ note and total >= 100", "-invoice_date"),
    "no filter": (None, "-total"),
}


def main() -> None:
    """Print the medians."""
    run(__doc__, "A page of records", "--query", QUERIES, _seconds)


def _seconds(filled: Filled, query: str, clock: Callable[[], float]) -> float:
    where, sort = QUERIES[query]
    start = clock()
    condition = parse_filter(where.format(middle=filled.records // 2), filled.wanted) if where else None
    wanted = Query(filled.workspace_id, filled.schema_id, condition, parse_sort(sort, filled.wanted))
    with filled.sessions() as session:
        find_records(session, wanted)
    return clock() - start


if __name__ == "__main__":
    main()
