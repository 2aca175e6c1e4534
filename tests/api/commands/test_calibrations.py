import json

import pytest

from api.calibrating import Labelled
from core.records import FieldKind
from tests.api.commands.conftest import Live
from workers.calibrate import FEWEST

pytestmark = pytest.mark.timeout(180)


def test_calibrations_are_listed_and_forgotten(live: Live) -> None:
    run = live.machine.run
    with live.client() as folioscope:
        right = [Labelled(FieldKind.TEXT, 0.4 + 0.5 * (n % 2), n % 2 == 1) for n in range(FEWEST)]
        folioscope.calibrate("scripted", right)
    listed = json.loads(run("calibrations", "list", "--json").stdout)
    assert [one["model"] for one in listed] == ["scripted"]
    assert any(
        line.split()[:3] == ["scripted", "text", str(FEWEST)] for line in run("calibrations").stdout.splitlines()
    )
    assert "scripted: No curve of the package counts beside them." in run("calibrations").stdout
    assert run("calibrations", "forget", "scripted").returncode == 0
    assert json.loads(run("calibrations", "--json").stdout) == []
    again = run("calibrations", "forget", "scripted")
    assert again.returncode != 0
    assert "calibration-not-found" in again.stderr
