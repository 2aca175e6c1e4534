from pathlib import Path

import pytest
import torch

from training.assemble import PARTS, parts_of, release
from training.checkpoints import Keeper
from training.unpack import RunExists, unpack
from workers.vlm.bundled.configuration import FolioscopeConfig
from workers.vlm.bundled.modeling import FolioscopeForImageTextToText

STEPS = {"finder": 3, "reader": 5, "answerer": 7}


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("released")
    release(FolioscopeForImageTextToText(FolioscopeConfig(reading_lag=0.125)), folder, STEPS)
    return folder


def test_training_goes_on_from_released_weights(released: Path, tmp_path: Path) -> None:
    unpack(released, tmp_path)
    model = parts_of(tmp_path)
    first = FolioscopeForImageTextToText.from_pretrained(released, dtype=torch.float32)
    assert all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), first.state_dict().values(), strict=True))
    assert model.config.reading_lag == 0.125
    keepers = {part: Keeper(getattr(model, part), tmp_path / part, 1e-3, 1e-4, minutes=1) for part in PARTS}
    assert {part: keeper.step for part, keeper in keepers.items()} == STEPS


def test_a_run_is_not_overwritten(released: Path, tmp_path: Path) -> None:
    unpack(released, tmp_path)
    with pytest.raises(RunExists, match="finder, reader, answerer"):
        unpack(released, tmp_path)
