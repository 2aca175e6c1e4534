"""A whole service as a person starts it, `folioscope up`, with a scripted model; and the command line against it."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from api.cli import main
from api.client import Client
from tests.scripted_model import picture

ROOT = Path(__file__).parents[3]
PATIENCE = 100.0  # seconds on a busy machine
FIELDS = ["invoice_number", "invoice_date", "due_date", "vendor_name", "customer_name", "vat_number", "iban"]
NOTHING: dict[str, str | None] = dict.fromkeys([*FIELDS, "subtotal", "tax", "total", "purchase_order"])
SCRIPT = {
    "answers": {
        "1": NOTHING | {"total": "$12.00 @0.97"},
        "11": NOTHING | {"invoice_number": "R-1", "total": "$12.00 @0.97", "answer": "12 dollars @0.9"},
        "21": NOTHING | {"total": "$ 12.00", "iban": "DE00", "vendor_name": "Acme Ltb", "answer": "12 dollars"},
        "12": NOTHING | {"total": "7.50 @0.6", "answer": None},
    },
    "acts": {"8": "budget", "9": "wait"},
}


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    returncode: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Machine:
    """A machine of one's own, as far as the command line can see: a folder, a home, an environment."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, str]:
        """The environment of every command."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FOLIOSCOPE_")}
        return kept | {
            "FOLIOSCOPE_MODEL": "tests.scripted_model:load",
            "FOLIOSCOPE_PORT": "0",
            "FOLIOSCOPE_POLL_SECONDS": "0.2",
            "SCRIPTED_MODEL": str(self.folder / "script.json"),
            "PYTHONPATH": str(ROOT),
            "XDG_STATE_HOME": str(self.folder / "state"),
            **self.environment,
        }

    def start(self, *words: str, stdout: int | None = None, stderr: int | None = None) -> subprocess.Popen[str]:
        """Start `folioscope WORDS`."""
        command = [sys.executable, "-m", "api.cli", *words]
        return subprocess.Popen(command, cwd=self.folder, env=self.variables, text=True, stdout=stdout, stderr=stderr)

    def run(self, *words: str, **more: str) -> Done:
        """Run `folioscope WORDS` to its end in this process, as its console script does: that saves half a second."""
        out, err = io.StringIO(), io.StringIO()
        handler = signal.getsignal(signal.SIGINT)
        before = (dict(os.environ), Path.cwd(), sys.argv)
        mask = os.umask(0o022)
        os.environ.clear()
        os.environ.update(self.variables | more)
        os.chdir(self.folder)
        sys.argv = ["folioscope", *words]
        try:
            with redirect_stdout(out), redirect_stderr(err):
                main()
            code: object = 0
        except SystemExit as end:
            code = end.code
        finally:
            os.environ.clear()
            os.environ.update(before[0])
            os.chdir(before[1])
            sys.argv = before[2]
            os.umask(mask)
            signal.signal(signal.SIGINT, handler)
        return Done(code if isinstance(code, int) else 0, out.getvalue(), err.getvalue())

    def spawn(self, *words: str, said: str | None = None) -> Done:
        """Run `folioscope WORDS` to its end in a process of its own."""
        command = [sys.executable, "-m", "api.cli", *words]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.variables,
            input=said,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def up(self) -> Iterator[tuple[subprocess.Popen[str], str]]:
        """`folioscope up` and where it listens; it is ended afterwards, if it still runs."""
        with (self.folder / "up.log").open("a") as log:
            process = self.start("up", "--json", stdout=subprocess.PIPE, stderr=log.fileno())
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line, (self.folder / "up.log").read_text()
            yield process, json.loads(line)["url"]
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
            process.stdout.close()


@dataclass(frozen=True)
class Live:
    """A running service, the machine it runs on, and its key."""

    machine: Machine
    url: str
    key: str

    def picture(self, name: str, number: int) -> Path:
        """A page that carries its number, as a file in the machine's folder."""
        path = self.machine.folder / "pictures" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(picture(number))
        return path

    def client(self) -> Client:
        """A client with the key."""
        return Client(self.url, self.key)


def machine_in(folder: Path, **environment: str) -> Machine:
    """A machine with the script that all tests share."""
    (folder / "script.json").write_text(json.dumps(SCRIPT))
    return Machine(folder, environment)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine on which nothing runs."""
    return machine_in(tmp_path)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One service for all tests of a file: what one file leaves behind is no other file's business."""
    machine = machine_in(tmp_path_factory.mktemp("machine"))
    with machine.up() as (_, url):
        yield Live(machine, url, (machine.folder / ".folioscope" / "key").read_text().strip())
