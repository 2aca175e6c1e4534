"""Rows that a model says as JSON: the schema to ask with, and the rows of a reply, also of one that was cut off."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.errors import InvalidOutput
from core.records import StopReason
from workers.vlm.form import Chances, is_storable, pairs
from workers.vlm.interface import Cell, Generation, Prompt, Table

COUNT, ROWS = "count", "rows"  # the keys of a reply, in this order: what is counted before is no echo of the list
_DECODER = json.JSONDecoder()
_ABSENT = {"", "null", "none"}
_COUNTED = re.compile(rf'"{COUNT}"\s*:\s*"?(\d{{1,6}})(?![\d.])')


@dataclass(frozen=True, slots=True)
class Listing:
    """The whole rows of a reply; `ended` where their list was closed; what is wrong with it, for the model.

    `counted` is how many rows it says that the page shows; None where it does not say.
    """

    rows: tuple[Mapping[str, Cell], ...] = ()
    ended: bool = False
    wrong: str = ""
    counted: int | None = None

    @property
    def seen(self) -> int | None:
        """How many rows the page shows: no fewer than were read. None: nobody said."""
        return None if self.counted is None else max(self.counted, len(self.rows))


def schema_of_rows(prompt: Prompt) -> dict[str, Any]:
    """The JSON Schema of a reply: how many rows there are, then each of them, a text or null for every column."""
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
        "properties": {COUNT: {"type": "integer"}, ROWS: {"type": "array", "items": row}},
        "required": [COUNT, ROWS],
        "additionalProperties": False,
    }


def listing_of(raw: str, prompt: Prompt, chances: Chances) -> Listing:
    """The rows in a text, as far as it goes; each cell has the probabilities of its own tokens."""
    start = max(raw.rfind("</think>"), 0)
    at = raw.find("[", start) + 1
    if not at:
        return Listing(wrong=f'there is no list under "{ROWS}"')
    listing, end = _rows(raw, at, prompt, chances)
    counted = _COUNTED.search(raw[start:at]) or _COUNTED.search(raw[end:])  # not in the list: there the page speaks
    return replace(listing, counted=None if counted is None else int(counted[1]))


def _rows(raw: str, at: int, prompt: Prompt, chances: Chances) -> tuple[Listing, int]:
    """The rows of the list that begins here, and where it ends, or the text where it does not."""
    rows: list[Mapping[str, Cell]] = []
    while True:
        at = _behind(raw, at, " \t\r\n,")
        if raw[at : at + 1] == "]":
            return Listing(tuple(rows), ended=True), at
        try:
            value, end = _DECODER.raw_decode(raw, at)
        except (ValueError, RecursionError):
            return Listing(tuple(rows), wrong="the list is broken, or breaks off"), len(raw)
        row = _row(value, raw[at:end], at, prompt, chances)
        if row is None:
            return Listing(tuple(rows), wrong=f"row {len(rows) + 1} does not fit the columns"), len(raw)
        rows += [row] if row else []
        at = end


def generation_of(listing: Listing, stop: StopReason) -> Generation:
    """What a reply says. Cut off, it keeps its whole rows."""
    table = Table(listing.rows, listing.seen) if listing.rows or listing.seen != 0 else None
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
