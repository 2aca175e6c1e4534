"""The form of what a model says: the schema to ask with, the values in its text, and the tokens each is made of.

Nothing that a model or its server promises is believed: every value is validated here.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from referencing import Registry

from workers.typed.bounded import is_found
from workers.vlm.interface import Prompt, Token

_LONGEST_COMPLAINT = 200  # characters
ANY_OBJECT: Mapping[str, Any] = {"type": "object"}
_TEXT: Mapping[str, Any] = {"type": "string"}
_OPENING = re.compile(r'\{\s*["}]')
_THOUGHT = "</think>"
_FENCE = re.compile(r"```(?:json)?\s*")


@dataclass(frozen=True, slots=True)
class Said:
    """What a model's text says for one key, and where: characters `start` to `end` are the value, quotes left out."""

    text: str | None  # None: null, or nothing between the quotes
    start: int
    end: int


@dataclass(slots=True)
class Parsed:
    """The values of a text that have the right form, and what is wrong with the others."""

    values: dict[str, Said] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)  # by key, a reason for the model

    @property
    def complaint(self) -> str:
        """All that is wrong, as a sentence for the model."""
        return "; ".join(f'"{key}" {reason}' for key, reason in self.wrong.items())


@dataclass(frozen=True, slots=True)
class Whole:
    """A text that should be JSON and nothing else: where the JSON stands, and what is wrong with it."""

    start: int = 0
    end: int = 0
    wrong: str | None = None  # a reason for the model


def find_json(raw: str, schema: Mapping[str, Any]) -> Whole:
    """The JSON in a text that fits the schema. Thoughts before it and a fence around it are passed over."""
    start = _skip(raw, raw.rfind(_THOUGHT) + len(_THOUGHT) if _THOUGHT in raw else 0)
    fence = _FENCE.match(raw, start)
    start = fence.end() if fence else start
    try:
        value, end = _decoded(raw, start)
    except _Broken as error:
        return Whole(wrong=f"The reply is not JSON alone: {error}")
    if raw[end:].strip() not in ({"```"} if fence else {""}):
        return Whole(wrong="There is more than JSON in the reply")
    reason = _violation(value, schema)
    return Whole(start, end) if reason is None else Whole(wrong=f"The JSON {reason}")


def schema_of(prompts: Sequence[Prompt]) -> dict[str, Any]:
    """The JSON Schema of one object that answers all prompts: a value or null for each key, and nothing else."""
    properties = {p.key: {"anyOf": [dict(p.schema or _TEXT), {"type": "null"}]} for p in prompts}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def parse(raw: str, prompts: Sequence[Prompt]) -> Parsed:
    """The value of each prompt in a text that should be one JSON object; what stands around it is passed over.

    Where the text breaks off, what was complete before counts. Keys that nobody asked for are passed over.
    """
    wanted = {prompt.key: prompt for prompt in prompts}
    parsed = Parsed()
    reason = "is missing"
    try:
        for key, value, start, end in pairs(raw):
            if key in parsed.values or key in parsed.wrong:
                parsed.values.pop(key, None)
                parsed.wrong[key] = "is there twice"
            elif key in wanted:
                trouble = _trouble_with(value, wanted[key])
                if trouble is None:
                    parsed.values[key] = _said(raw, value, start, end)
                else:
                    parsed.wrong[key] = trouble
    except _Broken as error:
        reason = f"is missing, for {error}"
        if error.is_ambiguous:
            parsed = Parsed()
    parsed.wrong |= {key: reason for key in wanted if key not in parsed.values and key not in parsed.wrong}
    return parsed


def is_storable(text: str) -> bool:
    """Whether every database keeps the text: it has no NUL and no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


class Chances:
    """Which tokens of a text stand where, so that a part of it gets the probabilities of exactly its own tokens."""

    def __init__(self, raw: str, tokens: Sequence[Token] | None) -> None:
        """`tokens` are those that made `raw`, marks around it included or not; None where nobody told them."""
        self._raw = raw
        self._tokens: Sequence[Token] = tokens or ()
        said = b"".join(token.data for token in self._tokens)
        offset = said.find(raw.encode(errors="replace")) if raw else -1
        self._known = offset >= 0
        ends = list(accumulate(len(token.data) for token in self._tokens))
        self._bounds = [(end - len(t.data) - offset, end - offset) for t, end in zip(self._tokens, ends, strict=True)]

    def within(self, start: int, end: int) -> tuple[float, ...] | None:
        """The probabilities of the tokens that hold characters `start` to `end`; None where they are not known."""
        tokens = self.tokens(start, end)
        return None if tokens is None else tuple(token.probability for token in tokens)

    def tokens(self, start: int, end: int) -> tuple[Token, ...] | None:
        """The tokens that hold characters `start` to `end`; None where they are not known."""
        if not self._known:
            return None
        first, last = (len(self._raw[:at].encode()) for at in (start, end))
        bounds = zip(self._tokens, self._bounds, strict=True)
        return tuple(token for token, (low, high) in bounds if low < last and high > first)

    def whole(self) -> tuple[float, ...] | None:
        """Those of the whole text."""
        return self.within(0, len(self._raw))


class _Broken(ValueError):
    """The text is no JSON object, or none any more from here on."""

    is_ambiguous = False


class _Twofold(_Broken):
    """There are two objects: which one is meant, nobody can say."""

    is_ambiguous = True


def pairs(raw: str) -> Iterator[tuple[str, Any, int, int]]:
    """Key, value, and where the value stands, of the first object in the text. Raises _Broken where it ends early."""
    after_thinking = raw.rfind(_THOUGHT) + 1
    opening = _OPENING.search(raw, after_thinking)
    if opening is None:
        raise _Broken("there is no JSON object")
    at = _skip(raw, opening.start() + 1)
    while raw[at : at + 1] != "}":
        key, at = _decoded(raw, at)
        if not isinstance(key, str) or raw[(at := _skip(raw, at)) : at + 1] != ":":
            raise _Broken("the JSON is broken")
        start = _skip(raw, at + 1)
        value, end = _decoded(raw, start)
        yield key, value, start, end
        at = _skip(raw, end)
        if raw[at : at + 1] == ",":
            at = _skip(raw, at + 1)
        elif raw[at : at + 1] != "}":
            raise _Broken("the JSON breaks off")
    if _OPENING.search(raw, at + 1):
        raise _Twofold("there are two JSON objects")


def _skip(raw: str, at: int) -> int:
    """The next character that is no white space."""
    while at < len(raw) and raw[at] in " \t\r\n":
        at += 1
    return at


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_number)


def _decoded(raw: str, at: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(raw, at)
    except (ValueError, RecursionError) as error:
        raise _Broken("the JSON is broken or breaks off") from error


def _said(raw: str, value: Any, start: int, end: int) -> Said:
    if value is None:
        return Said(None, start, end)
    if isinstance(value, str):
        text = value.strip()
        return Said(text, start + 1, end - 1) if text and text != "null" else Said(None, start, end)
    return Said(raw[start:end], start, end)  # as it was written: 1204.00 stays 1204.00


def _trouble_with(value: Any, prompt: Prompt) -> str | None:
    """Why a value cannot be taken; None where it can."""
    return None if value is None or value == "" else _violation(value, prompt.schema or _TEXT)


def _violation(value: Any, schema: Mapping[str, Any]) -> str | None:
    """Why a value does not fit a schema, or cannot be stored; None where it can be taken."""
    if not is_storable(json.dumps(value, ensure_ascii=False)) or "\\u0000" in json.dumps(value):
        return "holds a character that cannot be stored"
    validator = _Validator(schema, registry=Registry(), format_checker=Draft202012Validator.FORMAT_CHECKER)
    try:
        error = next(validator.iter_errors(value), None)
    except Exception as nonsense:  # noqa: BLE001 - a caller's schema may say anything
        return f"has a schema that cannot be used ({type(nonsense).__name__})"
    return None if error is None else _broken_rule(error)


def _broken_rule(error: ValidationError) -> str:
    """Which rule of its schema a value breaks. The value is left out: a page may say it, and pages give no orders."""
    rule = "/".join(str(step) for step in error.absolute_schema_path)
    said = json.dumps(error.validator_value, ensure_ascii=False, default=str)
    return f"breaks the rule {rule} of its schema: {said}"[:_LONGEST_COMPLAINT]


def _pattern(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    """A pattern, looked for within a limit of time."""
    if not isinstance(instance, str):
        return
    found = is_found(pattern, instance)
    if not found:
        yield ValidationError("it cannot be matched" if found is None else "it does not match")


_Validator = extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]
