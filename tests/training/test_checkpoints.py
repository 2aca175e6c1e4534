import json
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from training.checkpoints import Keeper, placed


def learn(keeper: Keeper[nn.Linear], steps: int) -> None:
    for _ in range(steps):
        keeper.learn(keeper.part(torch.ones(2, 3)).square().mean())


def test_training_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    first = Keeper(nn.Linear(3, 1), tmp_path, 1e-2, 1e-3, minutes=1)
    learn(first, 5)
    first.save({"score": 0.5})
    second = Keeper(nn.Linear(3, 1), tmp_path, 1e-2, 1e-3, minutes=1)
    assert second.step == 5
    assert torch.equal(second.part.weight, first.part.weight)
    assert torch.equal(second.averaged.weight, first.averaged.weight)
    assert second.optimizer.state_dict()["state"].keys() == first.optimizer.state_dict()["state"].keys()


def test_a_loss_that_is_no_number_teaches_nothing(tmp_path: Path) -> None:
    keeper = Keeper(nn.Linear(3, 1), tmp_path, 1e-2, 1e-3, minutes=1)
    before = keeper.part.weight.detach().clone()
    keeper.learn(keeper.part(torch.full((1, 3), torch.nan)).sum())
    assert torch.equal(keeper.part.weight, before)


def test_the_average_follows_the_part_slowly(tmp_path: Path) -> None:
    keeper = Keeper(nn.Linear(3, 1), tmp_path, 1e-1, 1e-1, minutes=1)
    start = keeper.part.weight.detach().clone()
    for _ in range(20):
        keeper.learn(-keeper.part(torch.ones(2, 3)).sum())
    assert (keeper.averaged.weight - start).abs().sum() < (keeper.part.weight - start).abs().sum()


def test_each_save_leaves_a_line_in_the_log(tmp_path: Path) -> None:
    part = nn.Linear(3, 1)
    nn.init.ones_(part.weight)  # by chance, a loss may be as good as nothing
    keeper = Keeper(part, tmp_path, 1e-2, 1e-3, minutes=1)
    learn(keeper, 2)
    keeper.save({"score": 0.25})
    line = json.loads((tmp_path / "log.jsonl").read_text())
    assert (line["step"], line["score"]) == (2, 0.25)
    assert line["loss"] > 0


def test_time_that_is_spent_ends_the_training(tmp_path: Path) -> None:
    assert Keeper(nn.Linear(3, 1), tmp_path / "a", 1e-2, 1e-3, minutes=1).going()
    assert not Keeper(nn.Linear(3, 1), tmp_path / "b", 1e-2, 1e-3, minutes=0).going()


@dataclass(frozen=True)
class Pair:
    strips: torch.Tensor
    rest: tuple[torch.Tensor, list[int]]


def test_a_batch_goes_to_the_device_whole_and_keeps_its_shape() -> None:
    pair = placed(Pair(torch.ones(2), (torch.ones(3), [1, 2])), torch.device("meta"))
    assert pair.strips.is_meta
    assert pair.rest[0].is_meta
    assert pair.rest[1] == [1, 2]
