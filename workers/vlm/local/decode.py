"""The loop from inputs to replies: greedy, with the probability of each token, ended by loops and cancels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteriaList

from core.records import StopReason
from workers.vlm.local.constrain import Recorder, Rule, Rules
from workers.vlm.local.loading import Checkpoint
from workers.vlm.stops import CancelStop, LoopStop


@dataclass(frozen=True, slots=True)
class Spoken:
    """One reply as it was said, its end token included in the chances and left out of the tokens."""

    tokens: tuple[int, ...]
    chances: tuple[float, ...]
    stop: StopReason


def speak(
    checkpoint: Checkpoint,
    inputs: dict[str, Any],
    budget: int,
    rules: Sequence[Rule | None],
    cancelled: Callable[[], bool],
) -> list[Spoken]:
    """Let the model reply to a batch of rows."""
    start = _before_reply(checkpoint, inputs)
    recorder, loop, cancel = Recorder(), LoopStop(start), CancelStop(cancelled)
    with torch.inference_mode():
        output = checkpoint.model.generate(
            **inputs,
            generation_config=_settings(checkpoint, budget),
            logits_processor=LogitsProcessorList([recorder, Rules(rules)]),
            stopping_criteria=StoppingCriteriaList([loop, cancel]),
        )
    sequences = output.sequences
    recorder.settle(sequences)
    chances = torch.stack(recorder.chances, dim=1).tolist()  # (B, new)
    new = sequences[:, -len(recorder.chances) :].tolist()  # B lists of new tokens
    ends = end_tokens(checkpoint)
    return [
        _cut(tokens, chance, ends, loop.lengths.get(number), seen=cancel.seen)
        for number, (tokens, chance) in enumerate(zip(new, chances, strict=True))
    ]


def end_tokens(checkpoint: Checkpoint) -> tuple[int, ...]:
    """The ids that end a reply."""
    ends = checkpoint.model.generation_config.eos_token_id
    if ends is None:
        ends = checkpoint.tokenizer.eos_token_id
    known = list(ends) if isinstance(ends, list | tuple) else [ends]
    vocabulary = checkpoint.tokenizer.get_vocab() if checkpoint.family.ends else {}
    known += [vocabulary[token] for token in checkpoint.family.ends if token in vocabulary]
    return tuple(dict.fromkeys(known))


def _settings(checkpoint: Checkpoint, budget: int) -> GenerationConfig:
    """Greedy, one row a prompt: a page is read, not told freely."""
    own = checkpoint.model.generation_config
    ends = list(end_tokens(checkpoint))
    return GenerationConfig(
        max_new_tokens=budget,
        do_sample=False,
        num_beams=1,
        eos_token_id=ends,
        pad_token_id=ends[0] if own.pad_token_id is None else own.pad_token_id,
        return_dict_in_generate=True,
    )


def _before_reply(checkpoint: Checkpoint, inputs: dict[str, Any]) -> int:
    """How many tokens stand before the reply in the rows that come out."""
    if not checkpoint.model.config.is_encoder_decoder:
        return int(inputs["input_ids"].shape[1])
    given = inputs.get("decoder_input_ids")
    return 1 if given is None else int(given.shape[1])


def _cut(tokens: list[int], chances: list[float], ends: tuple[int, ...], looped: int | None, *, seen: bool) -> Spoken:
    """Cut a row at its end token, or where it was found to loop, and say why it ended."""
    length = next((i for i, token in enumerate(tokens) if token in ends), None)
    if length is not None:
        return Spoken(tuple(tokens[:length]), _within_one(chances[: length + 1]), StopReason.END)
    if looped is not None:
        return Spoken(tuple(tokens[:looped]), _within_one(chances[:looped]), StopReason.LOOP)
    return Spoken(tuple(tokens), _within_one(chances), StopReason.CANCELLED if seen else StopReason.BUDGET)


def _within_one(chances: Sequence[float]) -> tuple[float, ...]:
    return tuple(min(1.0, chance) for chance in chances)
