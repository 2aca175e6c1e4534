"""The demo as a newcomer runs it: the whole service, the samples, the model that lies in the tree."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(900)
def test_the_demo_reads_the_samples_as_well_as_promised_and_leaves_nothing_running(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FOLIOSCOPE_")}
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "demo"],
        cwd=tmp_path,
        env=kept | {"PYTHONPATH": str(ROOT), "FOLIOSCOPE_PORT": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr
    lines = done.stdout.splitlines()
    assert ["document", "field", "value", "sure", "page", "as", "printed"] in [line.split() for line in lines]
    assert any(re.match(r"  [✓✗] .+ \(\d+% sure, page 1, box ", line) for line in lines)
    refused = [line for line in lines if line.startswith("Refused, as it should be: ")]
    assert ["invoice-truncated.pdf" in line and "(truncated-file)" in line for line in refused] == [True]
    said = r"^Read exactly as printed: (\d+) of \d+ fields, \d+%; the model's card promises \d+%\.$"
    read = re.search(said, done.stdout, re.MULTILINE)
    assert read is not None
    assert int(read[1]) > 0
    (address,) = {word.rstrip(",") for word in done.stdout.split() if word.startswith("http://127.0.0.1:")}
    with pytest.raises(OSError, match="Connection refused"):
        _connect(address)
    assert "folioscope up" in done.stdout


def _connect(address: str) -> None:
    host, _, port = address.removeprefix("http://").partition(":")
    socket.create_connection((host, int(port))).close()
