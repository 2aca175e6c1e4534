"""Rows that a model says as JSON: the schema to ask with, and the rows of a reply, also of one that was cut off."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import InvalidOutput
from core.records import StopReason
from workers.vlm.form import Chances, is_storable, pairs
from workers.vlm.interface import Cell, Generation, Prompt, Table

ROWS = "rows"  # the one key of a reply
_DECODER = json.JSONDecoder()
_ABSENT = {"", "null", "none"}


@dataclass(frozen=True, slots=True)
class Listing:
    """The whole rows of a reply; `ended` where their list was closed; what is wrong with it, for the model."""

    rows: tuple[Mapping[str, Cell], ...] = ()
    ended: bool = False
    wrong: str = ""


def schema_of_rows(prompt: Prompt) -> dict[str, Any]:
    """The JSON Schema of a reply: an object with a list of rows, each with a text or null for every column."""
    cell = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    keys = [column.key for column in prompt.columns]
    row = {
        "type": "object",
        "properties": {column.key: cell for column in prompt.columns},
        "required": keys,
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {ROWS: {"type": "array", "items": row}},
        "required": [ROWS],
        "additionalProperties": False,
    }


def listing_of(raw: str, prompt: Prompt, chances: Chances) -> Listing:
    """The rows in a text, as far as it goes; each cell has the probabilities of its own tokens."""
    at = raw.find("[", max(raw.rfind("</think>"), 0)) + 1
    if not at:
        return Listing(wrong=f'there is no list under "{ROWS}"')
    rows: list[Mapping[str, Cell]] = []
    while True:
        at = _behind(raw, at, " \t\r\n,")
        if raw[at : at + 1] == "]":
            return Listing(tuple(rows), ended=True)
        try:
            value, end = _DECODER.raw_decode(raw, at)
        except (ValueError, RecursionError):
            return Listing(tuple(rows), wrong="the list is broken, or breaks off")
        row = _row(value, raw[at:end], at, prompt, chances)
        if row is None:
            return Listing(tuple(rows), wrong=f"row {len(rows) + 1} does not fit the columns")
        rows += [row] if row else []
        at = end


def generation_of(listing: Listing, stop: StopReason) -> Generation:
    """What a reply says. Cut off, it keeps its whole rows, and how many there are is not known."""
    table = Table(listing.rows, len(listing.rows)) if listing.rows else None
    if stop is not StopReason.END:
        return Generation(None, None, None, stop, 0.0, table=table)
    if not listing.ended:
        return Generation(None, None, None, StopReason.END, 0.0, error=InvalidOutput.code)
    sure = [cell.confidence for row in listing.rows for cell in row.values() if cell.confidence is not None]
    return Generation(None, None, None, StopReason.END, 0.0, sum(sure) / len(sure) if sure else None, table=table)


def _row(value: Any, raw: str, offset: int, prompt: Prompt, chances: Chances) -> dict[str, Cell] | None:
    """The cells of one row; None where it is none. What is printed is text: figures stay as they were written."""
    if not isinstance(value, dict) or not set(value) <= {column.key for column in prompt.columns}:
        return None
    if any(isinstance(said, dict | list) for said in value.values()):
        return None
    row: dict[str, Cell] = {}
    for key, said, start, end in pairs(raw):
        text = said.strip() if isinstance(said, str) else raw[start:end]
        if said is None or text.casefold() in _ABSENT:
            continue
        if not is_storable(text):
            return None
        quote = isinstance(said, str)  # its quotes are no part of it
        known = chances.within(offset + start + quote, offset + end - quote)
        row[key] = Cell(text, None, None if known is None else math.prod(known))
    return row


def _behind(raw: str, at: int, passed: str) -> int:
    while at < len(raw) and raw[at] in passed:
        at += 1
    return at
