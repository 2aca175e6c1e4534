"""Commands about jobs: jobs, job, cancel, retry; and how a job is watched and shown by the others."""

from collections.abc import Mapping
from itertools import islice
from typing import Annotated, Any

import typer

from api.client import Client
from api.commands.reach import open_client
from api.commands.serving import Json
from api.commands.show import note, print_json, print_table, say, working
from api.results import Gap, Job
from core.records import JobKind, JobState

_MOST_GAPS = 20
_MOST_EMPTY = 5
_APART = {
    "blank": "blank",
    "nothing_found": "with nothing of what was asked for",
    "short": "short of something",
    "failed": "without a result",
}
_GAPS_IN_JSON = 1_000  # as many as a service names of a job

JobId = Annotated[str, typer.Argument(metavar="ID", help="The job's id; folioscope jobs lists them.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (jobs, job, cancel, retry):
        app.command()(command)


def jobs(
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="At most so many.")] = 20,
    json_: Json = False,
) -> None:
    """List the jobs, the newest first.

    \b
    Example:
        folioscope jobs --limit 5
    """
    with open_client() as folioscope:
        found = list(islice(folioscope.jobs(), limit))
    if json_:
        print_json(found)
    elif not found:
        say("There are no jobs yet: folioscope extract --schema invoice")
    else:
        rows = [(f"{j.created_at.astimezone():%m-%d %H:%M}", _what(j), j.state, _pages(j), j.id) for j in found]
        print_table(
            ("started", "job", "state", "pages", "id"), rows, right=("pages",), whole=("started", "state", "id")
        )


def job(
    job_id: JobId,
    wait: Annotated[bool, typer.Option("--watch", help="Show its progress until it ends.")] = False,
    json_: Json = False,
) -> None:
    """Show how far a job is, and what it lacks.

    \b
    Example:
        folioscope job 0192f4c1d1a27d52b1b8e6a1c6a0c111 --watch
    """
    with open_client() as folioscope:
        found = folioscope.job(job_id)
        if wait:
            found = watch(folioscope, found, _what(found))
    show_end(found, json_=json_)


def cancel(job_id: JobId, json_: Json = False) -> None:
    """Stop a job. What it has read so far stays.

    \b
    Example:
        folioscope cancel 0192f4c1d1a27d52b1b8e6a1c6a0c111
    """
    with open_client() as folioscope:
        stopped = folioscope.cancel(job_id)
    print_json(stopped) if json_ else say(_line(stopped))


def retry(job_id: JobId, json_: Json = False) -> None:
    """Run again what a job has no result for: pages that failed, were cut short or cancelled.

    \b
    Example:
        folioscope retry 0192f4c1d1a27d52b1b8e6a1c6a0c111
    """
    with open_client() as folioscope:
        again = folioscope.retry(job_id)
    if json_:
        print_json(again)
        return
    say(_line(again))
    say(f"See how far it is: folioscope job {again.id} --watch")


def watch(folioscope: Client, job: Job, what: str) -> Job:
    """Wait for a job with a bar on stderr. Ctrl-C ends the watching, never the job."""
    with working(what) as tell:
        try:
            return folioscope.wait(job, lambda now: tell([now]))
        except SystemExit:
            note(f"The job goes on: folioscope job {job.id} --watch")
            raise


def show_end(job: Job, *, json_: bool, hint: str | None = None) -> None:
    """Show a job, and end with exit code 1 where it failed or was cancelled."""
    if json_:
        print_json(job)
    else:
        say(_line(job))
        for line in (*_aside(job), *_receipt(job)):
            say(line)
        for gap in job.gaps[:_MOST_GAPS]:
            note(f"missing: {_gap(gap)}")
        more = max(job.gaps_total, len(job.gaps)) - _MOST_GAPS
        if more > 0:
            named = "them all" if job.gaps_total <= _GAPS_IN_JSON else f"the first {_GAPS_IN_JSON:,}"
            note(f"missing: and {more:,} more; folioscope job {job.id} --json names {named}")
        if not job.final:
            say(f"See how far it is: folioscope job {job.id} --watch")
        elif hint and job.progress.done:
            say(f"See what was read: {hint}")
    if job.state in {JobState.FAILED, JobState.CANCELLED}:
        raise typer.Exit(1)


def _aside(job: Job) -> list[str]:
    return ["The words that the PDFs themselves have are left aside."] if job.text_layer is False else []


def _receipt(job: Job) -> list[str]:
    """What became of the pages of an extraction that has ended."""
    said = job.result
    if job.kind is not JobKind.EXTRACT or not said:
        return []
    parts = [f"{said[key]} {words}" for key, words in _APART.items() if said.get(key)]
    lines = [f"Looked at {said['looked_at']} of {said['pages']} pages" + "".join(f", {part}" for part in parts) + "."]
    lines += _gave_nothing(said)
    for table, rows in said["tables"].items():
        if rows["seen"] == 0 and not rows["read"]:
            continue
        seen = "an unknown number" if rows["seen"] is None else rows["seen"]
        lines.append(f"Read {rows['read']} of {seen} rows of {table}.")
    if said["checked"]:
        lines.append(f"Read again by their boxes alone: {said['verified']} of {said['checked']} values came back.")
    return lines


def _gave_nothing(said: Mapping[str, Any]) -> list[str]:
    """The pages that gave nothing, with why; none of a job that ended before they were told."""
    pages = said.get("gave_nothing", [])[:_MOST_EMPTY]
    named = [f"{one['document_name']}, page {one['page']} ({one['why'].replace('-', ' ')})" for one in pages]
    more = said["blank"] + said.get("nothing_found", 0) - len(named)
    return [f"Nothing came of {'; '.join(named)}{f'; and {more} more' if more else ''}."] if named else []


def _line(job: Job) -> str:
    failed = f", {job.progress.failed} failed" if job.progress.failed else ""
    return f"{_what(job)}: {job.state}, {_pages(job)} pages{failed}"


def _what(job: Job) -> str:
    return (
        f"{job.kind} {job.schema.name}" if job.schema else f'{job.kind} "{job.question}"' if job.question else job.kind
    )


def _pages(job: Job) -> str:
    return f"{job.progress.done}/{job.progress.total}"


def _gap(gap: Gap) -> str:
    page = f", page {gap.page}" if gap.page else ""
    return f"{gap.document_name or gap.document_id}{page}: {gap.detail} ({gap.code})"
