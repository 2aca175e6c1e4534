"""From what a server replied to generations: values, words and JSON, each with its own tokens' probabilities."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.errors import ContentRefused, EmptyOutput, InvalidOutput
from core.records import StopReason
from workers.vlm.asking import NONE_OF_THESE, read_reply
from workers.vlm.form import Chances, Parsed, Said, find_json, is_storable
from workers.vlm.interface import Generation, Prompt, PromptKind
from workers.vlm.listing import generation_of, listing_of
from workers.vlm.loops import text_loops
from workers.vlm.remote.protocol import Reply

_OWN_WORDS = frozenset({PromptKind.CHAT, PromptKind.READ, PromptKind.DESCRIBE})  # where "none" is no absence
SURE = 0.5  # a label that is less likely is none


def found(reply: Reply, parsed: Parsed, prompts: Sequence[Prompt]) -> dict[str, Generation]:
    """What the reply says in the right form, by key."""
    chances = Chances(reply.text, reply.tokens)
    kinds = {prompt.key: prompt.kind for prompt in prompts}
    return {key: _value(said, chances, kinds[key]) for key, said in parsed.values.items()}


def _value(said: Said, chances: Chances, kind: PromptKind) -> Generation:
    text = None if kind is PromptKind.CLASSIFY and said.text == NONE_OF_THESE else said.text
    value = Generation(text, chances.within(said.start, said.end), None, StopReason.END, 0.0)
    if kind is not PromptKind.CLASSIFY or value.probabilities is None or text is None:
        return value
    sure = math.prod(value.probabilities)
    return value if sure >= SURE else replace(value, text=None, confidence=1 - sure)


def in_words(prompt: Prompt, reply: Reply) -> Generation:
    """A reply in plain words. What the model thought aloud before is no part of it."""
    start = reply.text.rfind("</think>") + len("</think>") if "</think>" in reply.text else 0
    said = reply.text[start:]
    cut = reply.finish == "length"
    talks_on = cut and prompt.kind is PromptKind.CHAT and not text_loops(reply.text)  # half a reply is still one
    if reply.refused or not said.strip() or (cut and not talks_on):
        return without_text(reply)
    if not is_storable(said):
        return Generation(None, None, None, StopReason.END, 0.0, error=InvalidOutput.code)
    first = start + len(said) - len(said.lstrip())
    known, last = Chances(reply.text, reply.tokens), first + len(said.strip())
    text = said.strip() if prompt.kind in _OWN_WORDS else read_reply(said)
    stop = StopReason.BUDGET if talks_on else StopReason.END
    tokens = known.tokens(first, last) if prompt.kind is PromptKind.CHAT else None
    chances = known.within(first, last)
    mean = sum(chances) / len(chances) if chances and prompt.kind is PromptKind.DESCRIBE else None
    return Generation(text, chances, None, stop, 0.0, mean, tokens=tokens)


def in_json(reply: Reply, schema: Mapping[str, Any]) -> Generation:
    """A reply as the JSON that all of it is to be. Half of it is nothing."""
    if reply.refused or reply.finish == "length" or not reply.text.strip():
        return without_text(reply)
    json = find_json(reply.text, schema)
    if json.wrong is not None:
        return Generation(None, None, None, StopReason.END, 0.0, error=InvalidOutput.code)
    known, text = Chances(reply.text, reply.tokens), reply.text[json.start : json.end]
    chances, tokens = known.within(json.start, json.end), known.tokens(json.start, json.end)
    return Generation(text, chances, None, StopReason.END, 0.0, tokens=tokens)


def in_rows(prompt: Prompt, reply: Reply) -> Generation:
    """A reply as rows of a table; of one that was cut off, the whole ones."""
    cut = reply.finish == "length"
    if reply.refused or not reply.text.strip():
        return without_text(reply)
    listing = listing_of(reply.text, prompt, Chances(reply.text, reply.tokens))
    stop = StopReason.LOOP if cut and text_loops(reply.text) else StopReason.BUDGET if cut else StopReason.END
    return generation_of(listing, stop)


def without_text(reply: Reply) -> Generation:
    """Why a reply gives no text: it was refused, it did not end, or there is none."""
    if reply.refused:
        return Generation(None, None, None, StopReason.END, 0.0, error=ContentRefused.code)
    if reply.finish == "length":
        stop = StopReason.LOOP if text_loops(reply.text) else StopReason.BUDGET
        return Generation(None, None, None, stop, 0.0)
    return Generation(None, None, None, StopReason.END, 0.0, error=EmptyOutput.code)


def without_form(reply: Reply) -> Generation:
    """Why a value is not there: the form was cut off, or it was wrong twice."""
    if reply.finish == "length":
        return without_text(reply)
    return Generation(None, None, None, StopReason.END, 0.0, error=InvalidOutput.code)
