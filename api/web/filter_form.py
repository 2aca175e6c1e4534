"""The filter of records as a form made of the schema's fields; what it says is a text of the one filter language."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.records import FieldKind
from storage.filter_texts import every, is_number, name_of, quoted, written
from storage.filters import AllOf, Comparison, Node, Op
from storage.subjects import Part
from storage.wanted import Field, Wanted

_WORD = re.compile(r"[0-9A-Za-z.+-]+")
_CURRENCY = re.compile(r"[A-Z]{3}")
_TRUTHS = {"yes": "true", "no": "false"}


@dataclass(frozen=True, slots=True)
class Control:
    """A field's part of the form, with what it says now."""

    path: str
    title: str
    form: str  # range, dates, choice, truth or text
    money: bool = False
    choices: tuple[str, ...] = ()
    low: str = ""
    high: str = ""
    currency: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class FilterForm:
    """The form of a filter. What it has no control for stands in `also`."""

    controls: tuple[Control, ...]
    complete: str = ""  # yes or no
    review: bool = False
    document: str = ""
    also: str = ""

    @property
    def used(self) -> int:
        """How many of its controls say something."""
        said = sum(bool(one.low or one.high or one.text) for one in self.controls)
        return said + bool(self.complete) + self.review + bool(self.document) + bool(self.also)


def form_of(node: Node | None, wanted: Wanted) -> FilterForm:
    """The form that says what the filter says."""
    form = FilterForm(tuple(_control(field) for field in wanted.fields))
    also = []
    for one in node.nodes if isinstance(node, AllOf) else [] if node is None else [node]:
        taken = _taken(form, one) if isinstance(one, Comparison) else None
        form = taken or form
        if taken is None:
            text = written(one, wanted)
            also.append(f"({text})" if " or " in text else text)
    return replace(form, also=every(also))


def said_by(said: Mapping[str, str], wanted: Wanted) -> str:
    """The filter that a form says, by the names of its parts: `min.total`, `has.vendor_name`."""
    parts = [_said_of(field, said) for field in wanted.fields]
    complete = _TRUTHS.get(said.get("complete", ""), "")
    parts.append(f"complete = {complete}" if complete else "")
    parts.append("unsure > 0" if said.get("review") else "")
    document = said.get("document", "").strip()
    parts.append(f"document ~ {quoted(document)}" if document else "")
    also = said.get("also", "").strip()
    alone = not any(parts)
    parts.append(f"({also})" if also and not alone and " or " in also.lower() else also)
    return every(parts)


def _control(field: Field) -> Control:
    if is_number(field.kind):
        return Control(field.path, field.title, "range", money=field.kind is FieldKind.MONEY)
    match field.kind:
        case FieldKind.DATE:
            return Control(field.path, field.title, "dates")
        case FieldKind.CHOICE:
            return Control(field.path, field.title, "choice", choices=field.choices)
        case FieldKind.BOOLEAN:
            return Control(field.path, field.title, "truth")
        case _:
            return Control(field.path, field.title, "text")


def _taken(form: FilterForm, asked: Comparison) -> FilterForm | None:
    """The form with this comparison in it; None where it has no free control for it."""
    if asked.other:
        return None
    match asked.subject.part, asked.op:
        case Part.COMPLETE, Op.EQUALS if not form.complete:
            return replace(form, complete="yes" if asked.operands[0].value else "no")
        case Part.UNSURE, Op.MORE if asked.operands[0].value == 0:
            return replace(form, review=True)
        case Part.DOCUMENT, Op.CONTAINS if not form.document:
            return replace(form, document=str(asked.operands[0].value))
        case Part.VALUE, _:
            return _with_value(form, asked)
        case _:
            return None


def _with_value(form: FilterForm, asked: Comparison) -> FilterForm | None:
    for number, control in enumerate(form.controls):
        if control.path == asked.subject.field:
            taken = _filled(control, asked)
            others = form.controls
            filled = None if taken is None else (*others[:number], taken, *others[number + 1 :])
            return None if filled is None else replace(form, controls=filled)
    return None


def _filled(control: Control, asked: Comparison) -> Control | None:
    operands = [_shown(one.value) for one in asked.operands]
    if control.form in {"range", "dates"}:
        return _between(control, asked.op, operands, {one.currency or "" for one in asked.operands})
    if control.text:
        return None
    match control.form, asked.op:
        case "text", Op.CONTAINS:
            return replace(control, text=operands[0])
        case "choice", Op.EQUALS:
            known = {choice.casefold(): choice for choice in control.choices}
            return replace(control, text=known[operands[0]]) if operands[0] in known else None
        case "truth", Op.EQUALS:
            return replace(control, text="yes" if asked.operands[0].value else "no")
        case _:
            return None


def _between(control: Control, op: Op, operands: list[str], units: set[str]) -> Control | None:
    """The control with one end more, or both; all in one currency."""
    if control.low or control.high:
        units = units | {control.currency}
    if len(units) != 1:
        return None
    ends = {Op.AT_LEAST: (operands[0], ""), Op.AT_MOST: ("", operands[0])}
    low, high = (operands[0], operands[1]) if op is Op.BETWEEN else ends.get(op, ("", ""))
    if not (low or high) or (low and control.low) or (high and control.high):
        return None
    return replace(control, low=low or control.low, high=high or control.high, currency=units.pop())


def _shown(value: object) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _said_of(field: Field, said: Mapping[str, str]) -> str:
    """What the form says of one field."""
    name, path = name_of(field.path), field.path
    text = said.get(f"has.{path}", "").strip()
    if text:
        match _control(field).form:
            case "choice":
                return f"{name} = {quoted(text)}"
            case "truth":
                return f"{name} = {_TRUTHS.get(text, quoted(text))}"
            case _:
                return f"{name} ~ {quoted(text)}"
    unit = said.get(f"cur.{path}", "").strip().upper()
    unit = f" {unit}" if _CURRENCY.fullmatch(unit) else ""
    ends = [said.get(f"{end}.{path}", "").strip() for end in ("min", "max")]
    signs = zip((">=", "<="), ends, strict=True)
    return every(f"{name} {sign} {_literal(end)}{unit}" for sign, end in signs if end)


def _literal(text: str) -> str:
    """A number or a day as it stands; what is neither in quotes, so that it is told what is wrong with it."""
    return text if _WORD.fullmatch(text) else quoted(text)


def sorted_by(sort: Sequence[str], path: str) -> str:
    """The order after a click on a column: rising, then falling, then no more by it."""
    others = [one for one in sort if one.removeprefix("-") != path]
    first = sort[0] if sort else ""
    turned = [path] if first.removeprefix("-") != path else [f"-{path}"] if first == path else []
    return ",".join([*turned, *others][:4])
