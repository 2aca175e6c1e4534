"""What a person decided about a value, as forms say it, made to count."""

import json
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Annotated, Any

from fastapi import Depends, Form

from core.errors import InvalidRequest
from core.records import Box, ValueState
from storage import records
from storage.database import Session
from storage.tables import Correction
from workers.correct import Target, confirm, decide, entry_of
from workers.record import Corrected

_ALIKE = 0.6  # texts that share more than this stand at the same place: one is a misreading of the other
_SIDES = 4

PageGiven = Annotated[str, Form(max_length=10)]
BoxGiven = Annotated[str, Form(max_length=200)]


@dataclass(frozen=True, slots=True)
class Decision:
    """A form about a value: what is done (see `decided`), with the mark of the value that the person saw."""

    done: Annotated[str, Form(max_length=20)]
    mark: Annotated[str, Form(max_length=64)] = ""
    raw: Annotated[str, Form(max_length=10_000)] = ""  # what was typed
    page: PageGiven = ""
    box: BoxGiven = ""


DecisionDep = Annotated[Decision, Depends()]


def decided(session: Session, target: Target, said: Decision, made_by: str) -> Correction:
    """Let it count: `accept`, `keep` what was typed, `absent`, `undo`, or `other-0`, another reading.

    Nothing typed means that there is nothing. Raises what `decide` and `confirm` raise.
    """
    if said.done == "accept":
        return confirm(session, target, made_by)
    place = place_of_form(said.page, said.box)
    return decide(session, target, _corrected(_entry(session, target), said.done, said.raw.strip(), place), made_by)


def _corrected(entry: dict[str, Any], done: str, raw: str, place: tuple[int, Box] | None) -> Corrected | None:
    """What the value is to be; None: what the model said."""
    if done == "undo":
        return None
    if done.startswith("other-"):
        return _other(entry, done.removeprefix("other-"))
    if done == "absent" or not raw:
        return Corrected(ValueState.ABSENT, None, None, None)
    if done == "keep":
        return _typed(entry, raw, place)
    raise InvalidRequest("Say one thing of the value: that it is right, what it is, or that it is absent.")


def place_of_form(page: str, box: str) -> tuple[int, Box] | None:
    """Where a person drew; None where they drew nothing. Raises InvalidRequest."""
    if not page or not box:
        return None
    try:
        sides = [float(side) for side in json.loads(box)]
        number = int(page)
    except (TypeError, ValueError) as error:
        raise InvalidRequest("A box is a list of four shares of the page.") from error
    if len(sides) != _SIDES or not (0 <= sides[0] < sides[2] <= 1 and 0 <= sides[1] < sides[3] <= 1):
        raise InvalidRequest("A box is x0, y0, x1, y1 in shares 0..1, left of right and top above bottom.")
    return number, Box(*sides)


def _entry(session: Session, target: Target) -> dict[str, Any]:
    record = records.find_record(session, target.document_id, target.schema.id)
    return {} if record is None else entry_of(record, target.schema, target.field)


def _typed(entry: dict[str, Any], raw: str, place: tuple[int, Box] | None) -> Corrected:
    """What was typed, where it was drawn; else where the model misread it."""
    if place is not None:
        return Corrected(ValueState.FOUND, raw, *place)
    likeness = SequenceMatcher(None, str(entry.get("raw") or "").casefold(), raw.casefold()).ratio()
    if likeness < _ALIKE:
        return Corrected(ValueState.FOUND, raw, None, None)
    return Corrected(ValueState.FOUND, raw, entry.get("page"), _box(entry))


def _other(entry: dict[str, Any], number: str) -> Corrected:
    others = entry.get("alternatives") or []
    if not number.isdecimal() or int(number) >= len(others):
        raise InvalidRequest("There is no such reading of the value.")
    other = others[int(number)]
    return Corrected(ValueState.FOUND, str(other["raw"]), other.get("page"), _box(other))


def _box(reading: dict[str, Any]) -> Box | None:
    return Box(*reading["box"]) if reading.get("box") and reading.get("page") else None
