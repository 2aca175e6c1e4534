"""Checkpoints from a folder or a hub: processor, model, precision, device, and which family they are."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import (
    AutoConfig,
    AutoImageProcessor,
    AutoModelForImageTextToText,
    AutoProcessor,
    AutoTokenizer,
    GenerationConfig,
)
from transformers.models.auto.processing_auto import PROCESSOR_MAPPING
from transformers.models.smolvlm import processing_smolvlm
from transformers.video_processing_utils import VideoProcessorMixin

from core.errors import ModelUnavailable
from core.logs import get_log
from workers.vlm.interface import ModelIdentity
from workers.vlm.local.families import FAMILIES, UNKNOWN, Family
from workers.vlm.local.quantize import quantize

_log = get_log(__name__)

QUANTIZATIONS = ("none", "int8")
_MEANINGS = (
    "eos_token_id",
    "pad_token_id",
    "bos_token_id",
    "decoder_start_token_id",
    "forced_bos_token_id",
    "suppress_tokens",
    "begin_suppress_tokens",
    "bad_words_ids",
)
_WEIGHTS_AND_WORDS = {".safetensors", ".bin", ".json", ".model", ".txt", ".jinja"}


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model that is ready to be asked, and how its family is asked."""

    model: Any
    processor: Any
    family: Family
    name: str
    revision: str
    quantization: str = "none"
    most_new_tokens: int | None = None  # of a reply; None leaves it to the kind of prompt
    most_pixels: int | None = None  # of a page; a larger one is scaled down
    tells_chances: bool = True  # False: nobody wants probabilities or confidences

    @property
    def tokenizer(self) -> Any:
        """What turns text into tokens and back."""
        return getattr(self.processor, "tokenizer", self.processor)

    def identity(self, decoding: str) -> ModelIdentity:
        """Name, revision and decoding; a quantized model says other things than its original, a silent one less."""
        precision = "" if self.quantization == "none" else f"-{self.quantization}"
        silence = "" if self.tells_chances else "-silent"
        return ModelIdentity(self.name, self.revision, f"{decoding}{precision}{silence}")


def load(
    name: str,
    revision: str | None = None,
    device: str = "cpu",
    dtype: str = "auto",
    quantization: str = "none",
) -> Checkpoint:
    """Load a checkpoint by path or hub id. Raises ModelUnavailable with the reason in one line."""
    if quantization not in QUANTIZATIONS:
        raise ModelUnavailable(f"A local model takes the quantizations {', '.join(QUANTIZATIONS)}.", model=name)
    if quantization == "int8" and not device.startswith("cpu"):
        raise ModelUnavailable("Quantization to int8 is for the processor (device cpu) alone.", model=name)
    try:
        processor = _processor(name, revision)
        # Never the checkpoint's own code: on a terminal the library would ask, and who answers is not the operator.
        loaded = AutoModelForImageTextToText.from_pretrained(
            name, revision=revision, dtype="float32" if quantization == "int8" else dtype, trust_remote_code=False
        )
        model = loaded.to(device).eval()
    except (OSError, ValueError, ImportError, RuntimeError, KeyError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelUnavailable(f"The model {name!r} could not be loaded: {reason}", model=name) from error
    if quantization == "int8":
        quantize(model)
    _settle_padding(processor)
    model.generation_config = _without_habits(model.generation_config)
    return Checkpoint(model, processor, _family(model, processor), name, revision_of(name, model), quantization)


def _family(model: Any, processor: Any) -> Family:
    """The row of the table; one that is not there is asked by its chat template, or in plain words."""
    family = FAMILIES.get(model.config.model_type)
    if family is not None:
        return family
    chat = bool(getattr(processor, "chat_template", None))
    way = "its chat template" if chat else "plain words"
    _log.warning("model.unknown_family", family=model.config.model_type, asked_by=way)
    return UNKNOWN


def _settle_padding(processor: Any) -> None:
    """New tokens of a batch begin in one column."""
    tokenizer = getattr(processor, "tokenizer", None)
    if tokenizer is not None:
        tokenizer.padding_side = "left"
        tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token


def _without_habits(own: Any) -> GenerationConfig:
    """What tokens mean and which must never be said, and nothing else: no sampling, penalties or forced ends."""
    kept = {name: getattr(own, name, None) for name in _MEANINGS}
    return GenerationConfig(**{name: value for name, value in kept.items() if value is not None})


class NoVideo(VideoProcessorMixin):  # type: ignore[misc]
    """Stands where a processor wants one for films. Pages do not move, and the real ones need more than torch."""

    merge_size = temporal_patch_size = 1
    num_frames = fps = None


def for_pictures(kind: Any) -> Any:
    """A class of processors whose part for films may be missing."""

    class Still(kind):  # type: ignore[misc]
        def check_argument_for_proper_class(self, argument_name: str, argument: Any) -> Any:
            if argument_name == "video_processor":
                return type(argument)
            return super().check_argument_for_proper_class(argument_name, argument)

    Still.__name__ = kind.__name__
    return Still


def _processor(name: str, revision: str | None) -> Any:
    """The processor; without its part for films where what that needs is not installed."""
    try:
        return AutoProcessor.from_pretrained(name, revision=revision, trust_remote_code=False)
    except (ImportError, ValueError) as error:
        if not any(word in str(error).lower() for word in ("torchvision", "num2words", "video")):
            raise
        return _processor_for_pictures(name, revision)


def _processor_for_pictures(name: str, revision: str | None) -> Any:
    """A processor of pictures and text alone."""
    kind = PROCESSOR_MAPPING[type(AutoConfig.from_pretrained(name, revision=revision))]
    if processing_smolvlm.num2words is None:
        processing_smolvlm.num2words = str  # it spells the lengths of films, which never come
    parts = (
        AutoImageProcessor.from_pretrained(name, revision=revision),
        AutoTokenizer.from_pretrained(name, revision=revision),
        NoVideo(),
    )
    told, _ = kind.get_processor_dict(name, revision=revision)
    return for_pictures(kind).from_args_and_dict(list(parts), told)


def revision_of(name: str, model: Any) -> str:
    """The hub commit, or a hash of everything in the folder that decides what the model says."""
    folder = Path(name)
    if not folder.is_dir():
        return str(getattr(model.config, "_commit_hash", None) or "unknown")
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.iterdir() if p.suffix in _WEIGHTS_AND_WORDS):
        digest.update(path.name.encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]
