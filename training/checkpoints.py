"""What every trainer of a part needs: an optimizer with its schedule, averaged weights, checkpoints, a loss log."""

import copy
import json
import math
import time
from dataclasses import fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit

Part = TypeVar("Part", bound=nn.Module)
Batch = TypeVar("Batch")

WARM_UP = 60  # steps
SAVE_EVERY = 150.0  # seconds
AVERAGE = 0.998


@cache
def device() -> torch.device:
    """Where training runs: on the GPU where there is one, else on the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def placed(batch: Batch, where: torch.device) -> Batch:
    """The same batch with its tensors on a device: tensors, or dataclasses and tuples of them; the rest as it is."""
    moved: Any = batch
    if isinstance(batch, Tensor):
        moved = batch.to(where)
    elif isinstance(batch, tuple):
        moved = tuple(placed(part, where) for part in batch)
    elif is_dataclass(batch) and not isinstance(batch, type):
        moved = replace(batch, **{f.name: placed(getattr(batch, f.name), where) for f in fields(batch)})
    return moved  # type: ignore[no-any-return]  # of the kind that came in


@cache
def quick_in_half() -> bool:
    """Whether convolutions run faster in bfloat16 here: some CPUs gain 1.6, others take twice as long. Measured."""
    seconds = {}
    for dtype in (torch.float32, torch.bfloat16):
        x, w = torch.ones(16, 96, 12, 96, dtype=dtype), torch.ones(96, 96, 3, 3, dtype=dtype)
        x, w = (t.to(memory_format=torch.channels_last) for t in (x, w))
        F.conv2d(x, w, padding=1)
        start = time.perf_counter()
        for _ in range(5):
            F.conv2d(x, w, padding=1)
        seconds[dtype] = time.perf_counter() - start
    return seconds[torch.bfloat16] < seconds[torch.float32]


def precision() -> torch.autocast:
    """The context that training's forward passes run in: bfloat16 where that is quick, else float32."""
    if device().type == "cuda":
        return torch.autocast("cuda", torch.bfloat16)
    return torch.autocast("cpu", torch.bfloat16, enabled=quick_in_half())


class Keeper(Generic[Part]):
    """Steps, averages, saves and resumes the training of one part.

    The learning rate falls as a cosine over the minutes given; a resumed run begins a new, shorter fall.
    """

    def __init__(self, part: Part, run: Path, rate: float, final_rate: float, minutes: float) -> None:
        self.part, self.run, self.rate, self.final_rate = part.to(device()), run, rate, final_rate
        self.optimizer = torch.optim.AdamW(part.parameters(), rate, betas=(0.9, 0.98), weight_decay=0.02)
        self.averaged = copy.deepcopy(part)
        self.step, self.losses = 0, [0.0, 0]
        self.seconds = minutes * 60
        run.mkdir(parents=True, exist_ok=True)
        if (run / "last.pt").exists():
            self._resume()
        self.first_step = self.step
        self.start = self.saved = time.monotonic()

    def _resume(self) -> None:
        state = torch.load(self.run / "last.pt", map_location=device(), weights_only=True)
        self.part.load_state_dict(state["part"])
        self.averaged.load_state_dict(state["averaged"])
        if state["optimizer"] is not None:  # released weights come without
            self.optimizer.load_state_dict(state["optimizer"])
        self.step = state["step"]

    def going(self) -> bool:
        """Whether time is left."""
        return time.monotonic() - self.start < self.seconds

    def learn(self, loss: Tensor) -> None:
        """One step down this loss; a step that is not finite is passed over."""
        share = min(1.0, (time.monotonic() - self.start) / self.seconds)
        rate = self.final_rate + (self.rate - self.final_rate) * (1 + math.cos(math.pi * share)) / 2
        for group in self.optimizer.param_groups:
            group["lr"] = rate * min(1.0, (self.step - self.first_step + 1) / WARM_UP)
        self.optimizer.zero_grad()
        if not torch.isfinite(loss):
            return
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.part.parameters(), 1.0)
        if torch.isfinite(norm):
            self.optimizer.step()
        self._average()
        self.step += 1
        self.losses[0] += loss.item()
        self.losses[1] += 1

    @torch.no_grad()
    def _average(self) -> None:
        keep = min(AVERAGE, (self.step + 1) / (self.step + 20))
        for mean, now in zip(self.averaged.state_dict().values(), self.part.state_dict().values(), strict=True):
            if mean.is_floating_point():
                mean.lerp_(now, 1 - keep)
            else:
                mean.copy_(now)

    def placed(self, batch: Batch) -> Batch:
        """A batch where the part is."""
        return placed(batch, device())

    def examinee(self) -> Part:
        """The averaged weights on the CPU, where exams are held and checkpoints are used."""
        return self.averaged if device().type == "cpu" else copy.deepcopy(self.averaged).cpu()

    def due(self) -> bool:
        """Whether it is time to look and to save."""
        return time.monotonic() - self.saved > SAVE_EVERY

    def save(self, scores: dict[str, float]) -> None:
        """Write a checkpoint (whole or not at all) and one line of the log."""
        state = {
            "part": self.part.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
        }
        torch.save(state, self.run / "next.pt")
        (self.run / "next.pt").replace(self.run / "last.pt")
        minutes = (time.monotonic() - self.start) / 60
        line = {
            "step": self.step,
            "minutes": round(minutes, 1),
            "loss": round(self.losses[0] / max(1, self.losses[1]), 4),
        }
        line |= {k: round(v, 4) for k, v in scores.items()}
        with (self.run / "log.jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)
        self.losses, self.saved = [0.0, 0], time.monotonic()
