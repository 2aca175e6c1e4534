"""Items a second through the ledger on a long queue, and what its guards cost: `python -m benchmarks.ledger`.

Each database has `--items` waiting items of one job. Two sides do the same to `--rounds` batches of four, in turn: the
ledger (claim, then finish each item in a transaction of its own, as a worker does), and bare statements with the same
transactions and none of the guards (read the next four, mark them, mark each as done). At the end the plan that the
database chose for a claim is printed: it has to go by the index.
"""

import argparse
import statistics
import time
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, event, text

from benchmarks.databases import postgresql, sqlite
from core.records import JobKind, Queue
from storage import documents, ledger, planning
from storage.database import Sessions, make_engine, make_sessions
from storage.documents import NewDocument
from storage.migrate import upgrade
from storage.planning import NewJob
from storage.workspaces import ensure_workspace

BATCH = 4
NEXT = "SELECT id FROM items WHERE queue = 'bulk' AND state = 'waiting' AND ready ORDER BY id LIMIT 4"
LEASE = "UPDATE items SET state = 'leased' WHERE id = :id"
DONE = "UPDATE items SET state = 'done' WHERE id = :id"


def main() -> None:
    """Print the table and the plans."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=200)
    arguments = parser.parse_args()
    title = f"Items a second, of {arguments.items} that wait"
    table = Table("database", "planned in s", "ledger", "bare", "share (median)", "claim in ms", title=title)
    plans = []
    for name, server in (("SQLite", sqlite), ("PostgreSQL", postgresql)):
        with server() as url:
            engine = make_engine(url)
            upgrade(engine)
            sessions = make_sessions(engine)
            planned = fill(sessions, arguments.items)
            guarded, bare, claims = alternate(sessions, arguments.rounds)
            share = statistics.median(b / g for b, g in zip(bare, guarded, strict=True))
            rates = [f"{BATCH / statistics.median(side):.0f}" for side in (guarded, bare)]
            table.add_row(name, f"{planned:.1f}", *rates, f"{share:.0%}", f"{1000 * statistics.median(claims):.1f}")
            plans.append(f"{name}: {explain(engine, sessions)}")
            engine.dispose()
    Console().print(table)
    print("\n".join(plans))


def fill(sessions: Sessions, items: int) -> float:
    """Documents of 1,000 pages and a job over them all; returns the seconds that the planning of the job took."""
    with sessions.begin() as session:
        workspace_id = ensure_workspace(session, "default").id
    for number in range(items // 1_000):
        new = NewDocument(f"{number:064x}", f"{number}.pdf", "application/pdf", 1, 1_000, None)
        with sessions.begin() as session:
            documents.add_document(session, workspace_id, new, 1_000)
    with sessions.begin() as session:
        session.execute(text("UPDATE pages SET state = 'ready'"))
    start = time.perf_counter()
    with sessions.begin() as session:
        planning.plan(session, workspace_id, NewJob(JobKind.EXTRACT, Queue.BULK), None)
    return time.perf_counter() - start


def alternate(sessions: Sessions, rounds: int) -> tuple[list[float], list[float], list[float]]:
    """Seconds of a batch through the ledger and through bare statements, and of the claims alone."""
    guarded, bare, claims = [], [], []
    for _ in range(rounds):
        start = time.perf_counter()
        claims.append(through_the_ledger(sessions))
        middle = time.perf_counter()
        bare_updates(sessions)
        guarded.append(middle - start)
        bare.append(time.perf_counter() - middle)
    return guarded, bare, claims


def through_the_ledger(sessions: Sessions) -> float:
    """Claim a batch and finish its items; returns the seconds that the claim took."""
    start = time.perf_counter()
    with sessions.begin() as session:
        claim = ledger.claim(session, "benchmark", [Queue.INTERACTIVE, Queue.BULK], BATCH, 30)
    seconds = time.perf_counter() - start
    for item in claim.items if claim else ():
        with sessions.begin() as session:
            ledger.finish(session, "benchmark", item.id, item.attempt)
    return seconds


def bare_updates(sessions: Sessions) -> None:
    """The same changes of state, by nobody in particular."""
    with sessions.begin() as session:
        ids = list(session.scalars(text(NEXT)))
        for item_id in ids:
            session.execute(text(LEASE), {"id": item_id})
    for item_id in ids:
        with sessions.begin() as session:
            session.execute(text(DONE), {"id": item_id})


def explain(engine: Engine, sessions: Sessions) -> str:
    """How the database goes about a claim: the steps of its plan that read the items."""
    seen: list[tuple[str, Any]] = []

    def listen(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        seen.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", listen)
    through_the_ledger(sessions)
    event.remove(engine, "before_cursor_execute", listen)
    statement, parameters = next(pair for pair in seen if "candidates" in pair[0])
    prefix = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
    with engine.connect() as connection:
        lines = [str(row[-1]).strip() for row in connection.exec_driver_sql(prefix + statement, parameters)]
    return " | ".join(line for line in lines if "items" in line)


if __name__ == "__main__":
    main()
