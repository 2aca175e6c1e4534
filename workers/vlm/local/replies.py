"""From what a model said to generations: values, lines and places, each with the probabilities of its own tokens."""

import json
import math
import re
from dataclasses import replace

from core.errors import EmptyOutput, InvalidOutput
from core.records import Box, StopReason
from workers.vlm.asking import read_reply
from workers.vlm.form import Chances, find_json, parse
from workers.vlm.interface import Generation, Line, Prompt, PromptKind, Token
from workers.vlm.listing import generation_of, listing_of
from workers.vlm.local.boxes import Placed, Size
from workers.vlm.local.constrain import vocabulary_of
from workers.vlm.local.decode import Spoken, end_tokens
from workers.vlm.local.loading import Checkpoint
from workers.vlm.local.prompting import WHOLE

_BROKEN = "\ufffd"  # what stands for half a character
_AMOUNT = re.compile(r"\D{0,6}\d[\d.,' ]*\D{0,6}")  # with its currency, in the way of any country


class Said:
    """A reply as text; where it may carry boxes, with its special tokens: some families write boxes in them."""

    def __init__(self, checkpoint: Checkpoint, spoken: Spoken, kind: PromptKind = PromptKind.QUESTION) -> None:
        self.spoken = spoken
        tokenizer, tokens = checkpoint.tokenizer, list(spoken.tokens)
        boxed = kind is PromptKind.LOCATE or (kind is PromptKind.READ and checkpoint.family.lines is not None)
        if boxed:
            silent = {tokenizer.pad_token_id, tokenizer.bos_token_id, tokenizer.eos_token_id}
            tokens = [token for token in tokens if token not in silent]
        self.text: str = tokenizer.decode(tokens, skip_special_tokens=not boxed)


def constrained(checkpoint: Checkpoint, prompt: Prompt) -> bool:
    """Whether a reply is to be JSON: where a schema is given, to a model that knows JSON."""
    return (prompt.schema is not None or prompt.kind is PromptKind.ROWS) and checkpoint.family.chat


def generation(
    checkpoint: Checkpoint, prompt: Prompt, spoken: Spoken, shown: Size, seconds: float, view: Box = WHOLE
) -> Generation:
    """A reply as its kind of prompt wants it. Only one that reached its end gives a text, or half a turn of a chat."""
    if prompt.kind is PromptKind.ROWS and spoken.stop is not StopReason.CANCELLED:
        return _listing(checkpoint, prompt, Said(checkpoint, spoken), seconds)
    talks_on = spoken.stop is StopReason.BUDGET and prompt.kind is PromptKind.CHAT
    if spoken.stop is not StopReason.END and not talks_on:
        return Generation(None, spoken.chances, None, spoken.stop, seconds)
    said = Said(checkpoint, spoken, prompt.kind)
    if prompt.kind is PromptKind.CHAT:
        return _turn(checkpoint, prompt, said, seconds)
    if prompt.kind is PromptKind.LOCATE:
        return _places(checkpoint, prompt, said, shown, seconds, view)
    if prompt.kind is PromptKind.READ:
        return _reading(checkpoint, said, shown, seconds, view)
    return _words(checkpoint, prompt, said, seconds)


def _listing(checkpoint: Checkpoint, prompt: Prompt, said: Said, seconds: float) -> Generation:
    """Rows of a table; of a reply that was cut off, the whole ones."""
    if not said.text.strip():
        return Generation(None, said.spoken.chances, None, said.spoken.stop, seconds, error=EmptyOutput.code)
    listing = listing_of(said.text, prompt, Chances(said.text, _tokens(checkpoint, said.spoken)))
    return replace(generation_of(listing, said.spoken.stop), seconds=seconds)


def _turn(checkpoint: Checkpoint, prompt: Prompt, said: Said, seconds: float) -> Generation:
    """A turn of a chat; one that was cut off as far as it came, without the character that it broke off in.

    Where it is to be JSON, half of it is nothing.
    """
    spoken = said.spoken
    cut = spoken.stop is StopReason.BUDGET
    if cut and prompt.schema is not None:
        return Generation(None, spoken.chances, None, spoken.stop, seconds)
    text = said.text.rstrip(_BROKEN).strip() if cut else said.text.strip()
    if not text and not cut:
        return Generation(None, spoken.chances, None, spoken.stop, seconds, error=EmptyOutput.code)
    if prompt.schema is not None:
        found = find_json(said.text, prompt.schema)
        if found.wrong is not None:
            return _invalid(said, seconds)
        text = said.text[found.start : found.end]
    sure, tokens = math.prod(spoken.chances), _tokens_of(text, _tokens(checkpoint, spoken))
    return Generation(text or None, spoken.chances, None, spoken.stop, seconds, sure, tokens=tokens)


def _tokens_of(text: str, tokens: list[Token] | None) -> tuple[Token, ...] | None:
    """The tokens of a text among all that were said; all of them where broken characters hide which those are."""
    if tokens is None:
        return None
    known = Chances(text, tokens).tokens(0, len(text))
    return tuple(tokens) if known is None else known


def _words(checkpoint: Checkpoint, prompt: Prompt, said: Said, seconds: float) -> Generation:
    """A value, an answer or a description. Nothing at all is none of them."""
    chances = said.spoken.chances
    if not said.text.strip():
        return Generation(None, chances, None, StopReason.END, seconds, error=EmptyOutput.code)
    if prompt.kind is PromptKind.DESCRIBE:
        sure = sum(chances) / len(chances) if chances else None
        return Generation(said.text.strip(), chances, None, StopReason.END, seconds, sure)
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
    silent = set(checkpoint.tokenizer.all_special_ids)  # they stand in no text
    pairs = zip(spoken.tokens, spoken.chances, strict=False)  # the last chance is the end's
    return [Token(vocabulary.decode_bytes([token]), chance) for token, chance in pairs if token not in silent]


def complaint(prompt: Prompt, text: str) -> str:
    """What is wrong with a reply, for the model."""
    if prompt.kind is PromptKind.CHAT and prompt.schema is not None:
        return find_json(text, prompt.schema).wrong or ""
    if prompt.kind is PromptKind.ROWS:
        return listing_of(text, prompt, Chances(text, None)).wrong
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
    """Whether printed words can be a value of the schema: as they are, read as JSON, or as numbers are printed."""
    asked = [under_one_key(prompt)]
    forms = (f'{{"value":{json.dumps(text)}}}', f'{{"value":{text}}}')
    if any(not parse(form, asked).wrong for form in forms):
        return True
    kind = (prompt.schema or {}).get("type")
    if kind == "boolean":
        return text.casefold().rstrip(".") in {"yes", "no", "true", "false"}
    return kind in {"number", "integer"} and _AMOUNT.fullmatch(text) is not None


def _invalid(said: Said, seconds: float) -> Generation:
    return Generation(None, said.spoken.chances, None, StopReason.END, seconds, error=InvalidOutput.code)


def _reading(checkpoint: Checkpoint, said: Said, shown: Size, seconds: float, view: Box) -> Generation:
    """A page's lines; its confidence is the mean probability of its tokens."""
    chances = said.spoken.chances
    sure = sum(chances) / len(chances) if chances else None
    form = checkpoint.family.lines
    if form is None:
        text = read_reply(said.text)
        return Generation(text, chances, None, StopReason.END, seconds, sure)
    lines = tuple(_line(place, view, sure) for place in form.read(said.text, shown) if place.text)
    text = "\n".join(line.text for line in lines) or None
    return Generation(text, chances, None, StopReason.END, seconds, sure, lines)


def _places(checkpoint: Checkpoint, prompt: Prompt, said: Said, shown: Size, seconds: float, view: Box) -> Generation:
    """Where a text was found; nothing where the reply has no box."""
    chances = said.spoken.chances
    sure = math.prod(chances)
    form = checkpoint.family.places
    found = form.read(said.text, shown) if form else []
    lines = tuple(_line(Placed(place.text or prompt.text, place.box), view, sure) for place in found)
    if not lines:
        return Generation(None, chances, None, StopReason.END, seconds, sure)
    return Generation(lines[0].text, chances, lines[0].box, StopReason.END, seconds, sure, lines)


def _line(place: Placed, view: Box, sure: float | None) -> Line:
    """A place in page space, whatever of the page was shown."""
    xs = [_within(view.x0 + x * (view.x1 - view.x0)) for x in (place.box.x0, place.box.x1)]
    ys = [_within(view.y0 + y * (view.y1 - view.y0)) for y in (place.box.y0, place.box.y1)]
    return Line(place.text, Box(xs[0], ys[0], xs[1], ys[1]), sure)


def _within(share: float) -> float:
    return min(1.0, max(0.0, share))
