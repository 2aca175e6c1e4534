import csv
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer

from api.cli import app
from api.commands.jobs import show_end
from api.results import Gap, Job
from core.records import JobKind, JobState, Progress
from tests.api.commands.conftest import PATIENCE, Live, Machine
from tests.ingest.files import encrypted

pytestmark = pytest.mark.timeout(180)


def leaves(command: Any, name: str = "") -> dict[str, Any]:
    """Commands by what is typed, those inside of groups too."""
    inner = getattr(command, "commands", None)
    if inner is None:
        return {name: command}
    return {typed: leaf for word, c in inner.items() for typed, leaf in leaves(c, f"{name} {word}".strip()).items()}


COMMANDS = leaves(typer.main.get_command(app))


@pytest.fixture(scope="module")
def documents(live: Live) -> dict[str, str]:
    """Two uploaded pages, their ids by name, read under `invoice`."""
    done = live.machine.run("upload", *(str(live.picture(f"{n}.png", n)) for n in (11, 12)), "--json")
    ids = {document["name"]: document["id"] for document in json.loads(done.stdout)["documents"]}
    assert live.machine.run("extract", "--schema", "invoice", "--documents", "11.png,12.png").returncode == 0
    return ids


def body(live: Live, *words: str) -> Any:
    """What a command prints for programs: JSON and nothing else."""
    done = live.machine.run(*words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def seen_at(machine: Machine, columns: int, *words: str) -> list[str]:
    """The lines that a person sees in a terminal of this width, without colours."""
    ours, theirs = pty.openpty()
    command = ["sh", "-c", f'stty cols {columns}; exec "$@"', "sh", sys.executable, "-m", "api.cli", *words]
    variables = machine.variables | {"TERM": "dumb"}
    with subprocess.Popen(command, cwd=machine.folder, env=variables, stdin=theirs, stdout=theirs) as process:
        os.close(theirs)
        said = b""
        while True:
            try:
                said += os.read(ours, 65_536)
            except OSError:  # the last one on the other side has closed it
                break
        os.close(ours)
        assert process.wait(PATIENCE) == 0
    return said.decode().splitlines()


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help_with_an_example_that_fits_a_terminal(machine: Machine, command: str) -> None:
    done = machine.run(*command.split(), "--help", COLUMNS="80")
    assert done.returncode == 0
    assert re.search(rf"^      .*folioscope {command}", done.stdout, re.MULTILINE)
    assert [line for line in done.stdout.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"api", "worker"}))
def test_every_command_that_tells_something_tells_it_to_programs_too(command: str) -> None:
    assert "--json" in {spelling for parameter in COMMANDS[command].params for spelling in parameter.opts}


def test_a_bulk_upload_takes_the_good_files_and_names_each_refused_one(live: Live, tmp_path: Path) -> None:
    folder = tmp_path / "archive" / "march"
    folder.mkdir(parents=True)
    live.picture("fine.png", 101).rename(folder / "fine.png")
    (folder / "notes.txt").write_text("hello")
    (folder / "empty.pdf").touch()
    (folder / "cut.pdf").write_bytes(b"%PDF-1.7\n" + b"1 0 obj\n" * 10)
    (folder / "link.pdf").symlink_to(folder / "cut.pdf")
    done = live.machine.run("upload", str(tmp_path / "archive"), str(tmp_path / "missing.pdf"))
    assert done.returncode == 3
    assert done.stdout == "1 new document, 5 refused.\n"
    refused = dict(line.removeprefix("refused: ").split(": ", 1) for line in done.stderr.splitlines())
    assert {name: reason.rpartition("(")[2] for name, reason in refused.items()} == {
        "march/notes.txt": "unsupported-file)",
        "march/empty.pdf": "empty-file)",
        "march/cut.pdf": "truncated-file)",
        "march/link.pdf": "unsupported-file)",
        "missing.pdf": "unreadable-file)",
    }


def test_the_same_bytes_again_are_known_already(live: Live, documents: dict[str, str]) -> None:
    done = live.machine.run("upload", str(live.picture("again.png", 11)), "--json")
    (document,) = json.loads(done.stdout)["documents"]
    assert done.returncode == 0
    assert (document["id"], document["created"]) == (documents["11.png"], False)


def test_a_locked_document_waits_and_says_how_to_open_it(live: Live, tmp_path: Path) -> None:
    done = live.machine.run("upload", str(encrypted(tmp_path / "locked.pdf", "sesame")))
    assert done.returncode == 0
    line = done.stderr.strip()
    assert line.startswith("waits for its password: locked.pdf: folioscope unlock ")
    document = line.rpartition(" ")[2]
    wrong = live.machine.run("unlock", document, "--password", "nonsense")
    assert (wrong.returncode, wrong.stderr.endswith("(wrong-password)\n")) == (3, True)
    assert live.machine.spawn("unlock", document, said="sesame\n").stdout.endswith("locked.pdf is open: 2 pages.\n")
    assert live.machine.run("delete", document).returncode == 0
    assert live.machine.run("delete", document).stderr.endswith("(document-not-found)\n")


def test_records_show_each_value_with_its_confidence_and_page(live: Live, documents: dict[str, str]) -> None:
    lines = live.machine.run("records", "invoice", "--documents", "11.png,12.png").stdout.splitlines()
    assert [line.split() for line in lines] == [
        ["document", "field", "value", "sure", "page", "remark"],
        ["11.png", "invoice_number", "R-1", "81%", "1", "needs", "review"],
        ["total", "$12.00", "97%", "1", "needs", "review"],
        ["12.png", "total", "7.50", "60%", "1", "needs", "review"],
    ]


def test_records_come_as_csv_a_row_a_document(live: Live, documents: dict[str, str]) -> None:
    done = live.machine.run("records", "invoice", "--documents", ",".join(documents.values()), "--csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(row["document"], row["total"], row["total_currency"], row["iban"], row["complete"]) for row in rows] == [
        ("11.png", "12.00", "USD", "", "true"),
        ("12.png", "7.50", "", "", "true"),
    ]


def test_records_are_filtered_sorted_and_written_to_files(live: Live, documents: dict[str, str]) -> None:
    shown = live.machine.run("records", "invoice", "--where", "total > 1", "--sort=-total", "--columns", "total")
    assert [line.split() for line in shown.stdout.splitlines()] == [
        ["document", "total"],
        ["11.png", "$12.00"],
        ["12.png", "7.50"],
    ]
    assert live.machine.run("records", "invoice", "--where", "total > 100").stdout == "None of the records passes.\n"
    for form in ("csv", "jsonl", "parquet"):
        to = live.machine.folder / f"records.{form}"
        done = live.machine.run("records", "invoice", "--where", "total = 7.5", f"--{form}", "--to", str(to))
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert to.stat().st_size > 0
    assert json.loads((live.machine.folder / "records.jsonl").read_text())["document_name"] == "12.png"
    assert sorted(path.name for path in live.machine.folder.glob("records.*")) == [
        "records.csv",
        "records.jsonl",
        "records.parquet",
    ]


@pytest.mark.parametrize(
    ("total", "says"), [(25, "and 5 more; folioscope job j --json names them all"), (1_200, "names the first 1,000")]
)
def test_gaps_that_are_not_shown_are_counted_and_said_to_be_where_they_are(
    total: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    gaps = tuple(Gap(page, "unreadable-page", "It went wrong.", "d", "a.pdf") for page in range(1, 21))
    of_pages = Progress(total, waiting=0, leased=0, done=0, failed=total, cancelled=0)
    job = Job("j", JobKind.READ, JobState.PARTIAL, of_pages, datetime.now(UTC), None, gaps=gaps, gaps_total=total)
    show_end(job, json_=False)
    assert says in capsys.readouterr().err.splitlines()[-1]


def test_records_under_an_older_version_are_told_after_a_new_one(live: Live, documents: dict[str, str]) -> None:
    with live.client() as folioscope:
        body = {"type": "object", "properties": {"total": {"type": "string"}}}
        folioscope.add_schema("slip", body)
        folioscope.wait(folioscope.extract("slip", [documents["11.png"]]))
        assert live.machine.run("records", "slip").stderr == ""
        folioscope.add_schema("slip", body | {"title": "Slip"})
    done = live.machine.run("records", "slip")
    assert done.stdout == "Nothing was read under the latest version yet.\n"
    assert "1 records stand under version 1" in done.stderr
    assert "$12.00" in live.machine.run("records", "slip", "--version", "1").stdout


def test_a_file_that_cannot_be_made_is_no_file(live: Live, documents: dict[str, str]) -> None:
    to = live.machine.folder / "never.csv"
    done = live.machine.run("records", "invoice", "--where", "totl > 1", "--csv", "--to", str(to))
    assert (done.returncode, done.stdout) == (1, "")
    assert "did you mean total or" in done.stderr
    assert list(live.machine.folder.glob("never*")) == []
    assert live.machine.run("records", "invoice", "--csv", "--to", str(to / "x")).returncode == 2
    assert live.machine.run("records", "invoice", "--csv", "--jsonl").returncode == 2
    assert live.machine.run("records", "invoice", "--to", str(to)).returncode == 2


def test_records_for_programs_are_the_services_own(live: Live, documents: dict[str, str]) -> None:
    (record,) = body(live, "records", "invoice", "--documents", "11.png")
    assert record["document_id"] == documents["11.png"]
    assert record["values"]["total"]["raw"] == "$12.00"
    assert record["values"]["total"]["box"] == [0.1, 0.2, 0.3, 0.4]
    assert record["values"]["iban"]["state"] == "absent"


def test_an_answer_names_document_page_and_box(live: Live, documents: dict[str, str]) -> None:
    done = live.machine.run("ask", "What does the stamp say?", "--documents", "11.png,12.png")
    assert done.returncode == 0
    assert done.stdout.splitlines()[:2] == ["12 dollars", "  90% sure: 11.png, page 1, box 0.10 0.20 0.30 0.40"]


def test_an_answer_from_stored_values_names_the_values_that_it_rests_on(live: Live, documents: dict[str, str]) -> None:
    done = live.machine.run("ask", "What is the total?", "--records", "invoice", "--where", "total = 12")
    assert done.returncode == 0
    assert "12.00" in done.stdout.splitlines()[0]
    assert any(line.startswith("  11.png, page 1: $12.00") for line in done.stdout.splitlines())


def test_what_does_not_stand_in_the_documents_is_said_so(live: Live, documents: dict[str, str]) -> None:
    done = live.machine.run("ask", "Who was the cashier?", "--documents", "12.png")
    assert (done.returncode, done.stdout) == (0, "Not in these documents.\n")
    assert body(live, "ask", "Who was the cashier?", "--documents", "12.png")["state"] == "not_found"


def test_jobs_are_listed_watched_and_shown(live: Live, documents: dict[str, str]) -> None:
    started = live.machine.run("extract", "--schema", "receipt", "--documents", "12.png", "--no-wait", "--json")
    job = json.loads(started.stdout)["id"]
    shown = live.machine.run("job", job, "--watch").stdout.splitlines()
    assert shown == ["extract receipt: succeeded, 1/1 pages", "Looked at 1 of 1 pages."]
    assert job in {listed["id"] for listed in body(live, "jobs")}
    assert body(live, "job", job)["progress"]["done"] == 1


def test_what_an_extraction_would_take_is_told_with_the_boxes_that_it_would_read_again(
    live: Live, tmp_path: Path
) -> None:
    (tmp_path / "checked.json").write_text(
        json.dumps(
            {
                "type": "object",
                "properties": {"total": {"type": "string"}, "iban": {"type": "string"}},
                "folioscope": {"verify": True, "text_layer": False},
            }
        )
    )
    live.machine.run("schemas", "add", "checked", str(tmp_path / "checked.json"))
    live.machine.run("upload", str(live.picture("later.png", 13)))
    words = ("extract", "--schema", "checked", "--documents", "later.png")
    told = live.machine.run(*words, "--dry-run").stdout.splitlines()
    assert told[1].endswith("would see 1 pages and answer 2 prompts.")
    assert "at most 2 of fields" in told[2]
    aside = "The words that the PDFs themselves have are left aside."
    assert live.machine.run(*words, "--no-wait").stdout.splitlines()[1] == aside


def test_a_page_that_gave_no_result_is_named(live: Live) -> None:
    live.machine.run("upload", str(live.picture("long.png", 8)))
    done = live.machine.run("extract", "--schema", "letter", "--documents", "long.png")
    assert done.returncode == 0
    records = live.machine.run("records", "letter", "--documents", "long.png").stdout
    assert "(unreadable: generation-cut-short)" in records


def test_ctrl_c_ends_the_watching_and_not_the_job(live: Live) -> None:
    live.machine.run("upload", str(live.picture("endless.png", 9)))
    waiting = live.machine.start(
        "extract", "--schema", "invoice", "--documents", "endless.png", stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with live.client() as folioscope:
        while next(folioscope.jobs()).state != "running":
            assert waiting.poll() is None
    waiting.send_signal(signal.SIGINT)
    said, noted = waiting.communicate(timeout=PATIENCE)
    assert (waiting.returncode, said) == (130, "")
    assert noted.startswith("The job goes on: folioscope job ")
    assert "Traceback" not in noted
    job = noted.split()[6]
    assert live.machine.run("cancel", job).stdout.startswith("extract invoice: cancelled")
    assert live.machine.run("job", job, "--watch").returncode == 1


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (["extract", "--schema", "nonsense"], "schema-not-found", 1),
        (["extract", "--schema", "invoice", "--documents", "nowhere.pdf"], "document-not-found", 1),
        (["records", "nonsense"], "schema-not-found", 1),
        (["job", "0" * 32], "job-not-found", 1),
        (["schemas", "add", "none", "no-such-file.json"], "invalid-schema", 1),
        (["schemas", "add", "script", "script.json"], "invalid-schema", 1),
        (["schemas", "diff", "nonsense"], "schema-not-found", 1),
        (["schemas", "suggest", "nowhere.pdf"], "document-not-found", 1),
        (["evaluate", "nowhere", "--truth", "nothing.jsonl"], "invalid-request", 1),
    ],
)
def test_what_cannot_be_is_one_line_with_a_code(live: Live, words: list[str], code: str, exit_code: int) -> None:
    done = live.machine.run(*words)
    assert (done.returncode, done.stdout) == (exit_code, "")
    assert done.stderr.startswith("folioscope: ")
    assert done.stderr.endswith(f" ({code})\n")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("variables", "code", "exit_code", "says"),
    [
        ({"FOLIOSCOPE_API_URL": "http://127.0.0.1:1"}, "service-unavailable", 4, "folioscope up"),
        ({"FOLIOSCOPE_API_URL": "nonsense"}, "configuration-error", 2, "http://127.0.0.1:8470"),
        ({"FOLIOSCOPE_PORT": "many"}, "configuration-error", 2, "FOLIOSCOPE_PORT=many"),
        ({"FOLIOSCOPE_API_KEY": "wrong"}, "unauthorized", 1, "FOLIOSCOPE_API_KEY"),
    ],
)
def test_a_service_that_cannot_be_asked_is_one_line_that_says_what_to_do(
    live: Live, variables: dict[str, str], code: str, exit_code: int, says: str
) -> None:
    done = live.machine.run("documents", **variables)
    assert (done.returncode, done.stdout) == (exit_code, "")
    assert done.stderr.startswith("folioscope: ")
    assert done.stderr.endswith(f" ({code})\n")
    assert done.stderr.count("\n") == 1
    assert says in done.stderr


def test_tables_fit_a_terminal_of_80_columns_and_keep_ids_whole(live: Live, documents: dict[str, str]) -> None:
    for words in (("documents",), ("schemas",)):
        lines = seen_at(live.machine, 80, *words)
        assert max(len(line) for line in lines) <= 80, words
        assert words != ("documents",) or any(documents["11.png"] in line for line in lines)


def test_a_table_in_a_pipe_keeps_each_row_on_a_line(live: Live) -> None:
    lines = live.machine.run("schemas").stdout.splitlines()
    (invoice,) = [line for line in lines if line.startswith("invoice ")]
    assert invoice.endswith("total, purchase_order, line_items[]")


def test_a_reader_that_leaves_early_is_no_failure(live: Live) -> None:
    telling = live.machine.start("schemas", "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert telling.stdout is not None
    assert telling.stderr is not None
    telling.stdout.close()
    assert telling.stderr.read() == ""
    telling.stderr.close()
    telling.wait(PATIENCE)
