"""From what a model said to generations: values, lines and places, each with the probabilities of its own tokens."""

import json
import math
from dataclasses import replace
from typing import Any

from core.errors import InvalidOutput
from core.records import Box, StopReason
from workers.vlm.asking import read_reply
from workers.vlm.form import Chances, Token, parse
from workers.vlm.interface import Generation, Line, Prompt, PromptKind
from workers.vlm.local.boxes import Placed, Size
from workers.vlm.local.constrain import vocabulary_of
from workers.vlm.local.decode import Spoken, end_tokens
from workers.vlm.local.loading import Checkpoint


class Said:
    """A reply as text."""

    def __init__(self, checkpoint: Checkpoint, spoken: Spoken) -> None:
        self.spoken = spoken
        self._tokenizer = checkpoint.tokenizer
        self._plain = checkpoint.family.places is None and checkpoint.family.lines is None
        self.text = self._decoded(len(spoken.tokens))

    def _decoded(self, count: int) -> str:
        """The first tokens as text. Boxes may be written in special tokens."""
        tokens = list(self.spoken.tokens[:count])
        if not self._plain:
            tokens = [t for t in tokens if t not in _silent(self._tokenizer)]
        text: str = self._tokenizer.decode(tokens, skip_special_tokens=self._plain)
        return text


def _silent(tokenizer: Any) -> set[int | None]:
    return {tokenizer.pad_token_id, tokenizer.bos_token_id, tokenizer.eos_token_id}


def constrained(checkpoint: Checkpoint, prompt: Prompt) -> bool:
    """Whether a reply is to be JSON: where a schema is given, to a model that knows JSON."""
    return prompt.schema is not None and checkpoint.family.chat


def generation(checkpoint: Checkpoint, prompt: Prompt, spoken: Spoken, shown: Size, seconds: float) -> Generation:
    """A reply as its kind of prompt wants it. Only one that reached its end gives a text."""
    if spoken.stop is not StopReason.END:
        return Generation(None, spoken.chances, None, spoken.stop, seconds)
    said = Said(checkpoint, spoken)
    if prompt.kind is PromptKind.LOCATE:
        return _places(checkpoint, prompt, said, shown, seconds)
    if prompt.kind is PromptKind.READ:
        return _reading(checkpoint, prompt, said, shown, seconds)
    if prompt.kind is PromptKind.CHAT:
        text = said.text.strip()
        return Generation(text, spoken.chances, None, StopReason.END, seconds, math.prod(spoken.chances))
    if constrained(checkpoint, prompt):
        return _json_value(checkpoint, prompt, said, seconds)
    return _plain_value(checkpoint, prompt, said, seconds)


def under_one_key(prompt: Prompt) -> Prompt:
    """The prompt under a short name: it is said in every reply, and says nothing."""
    return replace(prompt, key="value")


def _json_value(checkpoint: Checkpoint, prompt: Prompt, said: Said, seconds: float) -> Generation:
    """The one value of a JSON object, its confidence that of the value's own tokens."""
    parsed = parse(said.text, [under_one_key(prompt)])
    if parsed.wrong:
        return _invalid(said, seconds)
    (value,) = parsed.values.values()
    chances = Chances(said.text, _tokens(checkpoint, said.spoken)).within(value.start, value.end)
    sure = None if chances is None else math.prod(chances)
    text = None if value.text is None else read_reply(value.text)
    return Generation(text, chances, None, StopReason.END, seconds, sure)


def _tokens(checkpoint: Checkpoint, spoken: Spoken) -> list[Token] | None:
    """The tokens of a reply as the bytes they are; None where the tokenizer does not tell."""
    vocabulary = vocabulary_of(checkpoint.tokenizer, end_tokens(checkpoint))
    if vocabulary is None:
        return None
    pairs = zip(spoken.tokens, spoken.chances, strict=False)  # the last chance is the end's
    return [Token(vocabulary.decode_bytes([token]), chance) for token, chance in pairs]


def complaint(prompt: Prompt, text: str) -> str:
    """What is wrong with a reply, for the model."""
    return parse(text, [under_one_key(prompt)]).complaint


def _plain_value(checkpoint: Checkpoint, prompt: Prompt, said: Said, seconds: float) -> Generation:
    """A value in plain words; one that its schema does not take is an error."""
    text = read_reply(said.text)
    if text is not None and text.casefold().rstrip(".") in checkpoint.family.absent:
        text = None
    chances = said.spoken.chances
    if text is not None and prompt.schema is not None and not _fits(text, prompt):
        return _invalid(said, seconds)
    return Generation(text, chances, None, StopReason.END, seconds, math.prod(chances))


def _fits(text: str, prompt: Prompt) -> bool:
    """Whether printed words can be a value of the schema: as they are, or read as JSON."""
    asked = [under_one_key(prompt)]
    forms = (f'{{"value":{json.dumps(text)}}}', f'{{"value":{text}}}')
    return any(not parse(form, asked).wrong for form in forms)


def _invalid(said: Said, seconds: float) -> Generation:
    return Generation(None, said.spoken.chances, None, StopReason.END, seconds, error=InvalidOutput.code)


def _reading(checkpoint: Checkpoint, prompt: Prompt, said: Said, shown: Size, seconds: float) -> Generation:
    """A page's lines; its confidence is the mean probability of its tokens."""
    chances = said.spoken.chances
    sure = sum(chances) / len(chances) if chances else None
    form = checkpoint.family.lines
    if form is None:
        text = read_reply(said.text)
        return Generation(text, chances, None, StopReason.END, seconds, sure)
    lines = tuple(_line(place, prompt.region, sure) for place in form.read(said.text, shown) if place.text)
    text = "\n".join(line.text for line in lines) or None
    return Generation(text, chances, None, StopReason.END, seconds, sure, lines)


def _places(checkpoint: Checkpoint, prompt: Prompt, said: Said, shown: Size, seconds: float) -> Generation:
    """Where a text was found; nothing where the reply has no box."""
    chances = said.spoken.chances
    sure = math.prod(chances)
    form = checkpoint.family.places
    found = form.read(said.text, shown) if form else []
    lines = tuple(_line(Placed(place.text or prompt.text, place.box), prompt.region, sure) for place in found)
    if not lines:
        return Generation(None, chances, None, StopReason.END, seconds, sure)
    return Generation(lines[0].text, chances, lines[0].box, StopReason.END, seconds, sure, lines)


def _line(place: Placed, region: Box | None, sure: float | None) -> Line:
    """A place in page space, also where only a region was shown."""
    if region is None:
        return Line(place.text, place.box, sure)
    width, height = region.x1 - region.x0, region.y1 - region.y0
    box = place.box
    return Line(
        place.text,
        Box(
            region.x0 + box.x0 * width,
            region.y0 + box.y0 * height,
            region.x0 + box.x1 * width,
            region.y0 + box.y1 * height,
        ),
        sure,
    )
