"""Put the three trained parts together as the checkpoint that the package carries: `python -m training.assemble`."""

import argparse
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors.torch import save_file

from workers.vlm.bundled.backend import FOLDER
from workers.vlm.bundled.configuration import FolioscopeConfig
from workers.vlm.bundled.modeling import FolioscopeForImageTextToText
from workers.vlm.bundled.processing import FolioscopeImageProcessor, FolioscopeProcessor, make_tokenizer

CALIBRATION = "calibration.json"
STEPS = "training.json"  # how many steps each part has learned, so that training goes on from released weights
PARTS = ("finder", "reader", "answerer")


def parts_of(runs: Path, parts: Sequence[str] = PARTS) -> FolioscopeForImageTextToText:
    """The model from the averaged weights of these parts' last checkpoints; parts not named stay untrained.

    What was calibrated last, if anything, goes into its configuration.
    """
    kept = runs / CALIBRATION
    model = FolioscopeForImageTextToText(FolioscopeConfig(**json.loads(kept.read_text()) if kept.exists() else {}))
    for part in parts:
        state = torch.load(runs / part / "last.pt", weights_only=True)
        getattr(model, part).load_state_dict(state["averaged"])
    model.eval()
    return model


def steps_of(runs: Path) -> dict[str, int]:
    """How many steps each part's last checkpoint has learned."""
    return {part: torch.load(runs / part / "last.pt", weights_only=True)["step"] for part in PARTS}


def release(model: FolioscopeForImageTextToText, folder: Path, steps: Mapping[str, int]) -> None:
    """Write weights in bfloat16 (norms' statistics in float32), config, tokenizer, processor, steps and checksum."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = ("running_mean", "running_var")
    tensors = {
        name: tensor.contiguous()
        if name.endswith(kept) or not tensor.is_floating_point()
        else tensor.to(torch.bfloat16).contiguous()
        for name, tensor in model.state_dict().items()
    }
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    model.config.architectures = [type(model).__name__]
    model.config.save_pretrained(folder)
    FolioscopeProcessor(FolioscopeImageProcessor(), make_tokenizer(), model.config.word_length).save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)  # it is written for its owner alone
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    (folder / "SHA256SUMS").write_text(f"{digest}  model.safetensors\n")
    (folder / STEPS).write_text(json.dumps(dict(steps)) + "\n")


def main() -> None:
    """Assemble and release."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--folder", type=Path, default=FOLDER)
    given = parser.parse_args()
    release(parts_of(given.runs), given.folder, steps_of(given.runs))


if __name__ == "__main__":
    main()
