"""A schema while it is written: rows of fields as a form sends them, and the JSON Schema that they come to."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from storage.schema_words import escaped

Json: TypeAlias = dict[str, Any]

PARTED = "|"  # between examples, and between choices
# What a field may be, in words, with the type and the format by which JSON Schema says it.
KINDS: Mapping[str, tuple[str, str, str | None]] = {
    "text": ("text", "string", None),
    "money": ("amount of money", "string", "money"),
    "date": ("date", "string", "date"),
    "number": ("number", "number", None),
    "integer": ("whole number", "integer", None),
    "boolean": ("yes or no", "boolean", None),
    "choice": ("one of some choices", "string", None),
    "iban": ("IBAN", "string", "iban"),
    "vat": ("VAT number", "string", "vat"),
    "email": ("e-mail address", "string", "email"),
    "phone": ("telephone number", "string", "phone"),
    "country": ("country", "string", "country"),
    "table": ("table with columns", "array", None),
    "list": ("list of texts", "array", None),
    "group": ("group of fields", "object", None),
    "json": ("as JSON Schema", "", None),
}
WITH_FIELDS = frozenset({"table", "group"})
_ROOT = ""
_ROW = re.compile(r"(?P<path>f\.\d+(?:\.f\.\d+)*)\.(?P<word>[a-z]+)")
_MOST_ROWS = 400


@dataclass(frozen=True, slots=True)
class DraftField:
    """A row of the form. `rest` holds, as JSON, what the form has no word for; `was` is the kind that it belongs to."""

    name: str = ""
    title: str = ""
    kind: str = "text"
    description: str = ""
    required: bool = False
    examples: str = ""
    choices: str = ""
    rest: str = ""
    was: str = ""
    fields: tuple["DraftField", ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """All of the form. With `as_text`, the body is `text` and the rows are left alone."""

    name: str = ""
    base: int | None = None  # the version that it was begun from
    title: str = ""
    description: str = ""
    fields: tuple[DraftField, ...] = ()
    rules: str = ""  # one a line, each may have its name and a colon before it
    target: str = ""
    rest: str = ""
    as_text: bool = False
    text: str = ""


@dataclass(slots=True)
class Built:
    """A draft's body, what is wrong already, and where in the form each part of the body was said."""

    body: Json
    faults: dict[str, list[str]] = field(default_factory=dict)  # by the path of a row: `f.0.f.2`; else `rules`, ...
    places: dict[str, str] = field(default_factory=dict)  # paths by JSON pointer

    def fault(self, path: str, said: str) -> None:
        """Something is wrong with a part of the form."""
        self.faults.setdefault(path, []).append(said)

    def blame(self, pointer: str, said: str) -> None:
        """The same, of the part that says what this pointer leads to; at worst of the form as a whole."""
        parts = pointer.split("/")
        for end in range(len(parts), 0, -1):
            path = self.places.get("/".join(parts[:end]))
            if path is not None:
                self.fault(path, said)
                return
        self.fault(_ROOT, said)


def draft_of_form(form: Mapping[str, str]) -> Draft:
    """What a form says, by the names of its parts: `f.0.name`, `f.0.f.1.title`."""
    rows: dict[str, dict[str, str]] = {}
    for key, text in form.items():
        match = _ROW.fullmatch(key)
        if match is not None and (len(rows) < _MOST_ROWS or match["path"] in rows):
            rows.setdefault(match["path"], {})[match["word"]] = text
    base = form.get("base", "")
    return Draft(
        name=form.get("name", "").strip(),
        base=int(base) if base.isdecimal() and len(base) < 10 else None,  # noqa: PLR2004 - a version is no longer
        title=form.get("title", "").strip(),
        description=form.get("description", "").strip(),
        fields=_fields(rows, ""),
        rules=form.get("rules", ""),
        target=form.get("target", "").strip(),
        rest=form.get("rest", ""),
        as_text=form.get("mode") == "text",
        text=form.get("text", ""),
    )


def changed(draft: Draft, act: str) -> Draft:
    """The draft after a button: `add:` and a row's path, `remove:`, `up:`, `down:`."""
    verb, _, path = act.partition(":")
    steps = [int(part) for part in path.split(".") if part.isdecimal()]
    return replace(draft, fields=_changed(draft.fields, verb, steps))


def last_in(draft: Draft, path: str) -> str:
    """The path of the last row within this one, or of all."""
    fields = draft.fields
    for step in (int(part) for part in path.split(".") if part.isdecimal()):
        if step >= len(fields):
            return path
        fields = fields[step].fields
    return f"{path}.f.{len(fields) - 1}" if path else f"f.{len(fields) - 1}"


def build(draft: Draft) -> Built:
    """The body that a draft comes to, as far as it can be told."""
    if draft.as_text:
        built = Built({})
        built.body = _parsed(draft.text, built, "text")
        return built
    built = Built({})
    rest = _parsed(draft.rest, built, _ROOT) if draft.rest else {}
    properties, required = _properties(draft.fields, built, "", "/properties")
    wishes = {**rest.pop("folioscope", {}), **_wishes(draft, built)}
    built.places |= {"/folioscope/rules": "rules", "/folioscope/target": "target"}
    said = {"title": draft.title, "description": draft.description}
    built.body = {
        **({"$schema": rest.pop("$schema")} if "$schema" in rest else {}),
        "type": "object",
        **{word: text for word, text in said.items() if text},
        "properties": properties,
        **({"required": required} if required else {}),
        **rest,
        **({"folioscope": wishes} if wishes else {}),
    }
    return built


def parts_of(text: str) -> list[str]:
    """Examples or choices that stand in one line."""
    return [part for one in text.split(PARTED) if (part := one.strip())]


def _fields(rows: Mapping[str, Mapping[str, str]], inside: str) -> tuple[DraftField, ...]:
    """The rows that stand right within this one, in order."""
    own = [path for path in rows if path.rpartition("f.")[0] == inside]
    return tuple(_field(rows, path) for path in sorted(own, key=lambda path: int(path.rpartition(".")[2])))


def _field(rows: Mapping[str, Mapping[str, str]], path: str) -> DraftField:
    said = rows[path]
    kind = said.get("kind", "text")
    return DraftField(
        name=said.get("name", "").strip(),
        title=said.get("title", "").strip(),
        kind=kind if kind in KINDS else "text",
        description=said.get("description", "").strip(),
        required="required" in said,
        examples=said.get("examples", "").strip(),
        choices=said.get("choices", "").strip(),
        rest=said.get("rest", ""),
        was=said.get("was", ""),
        fields=_fields(rows, path + "."),
    )


def _changed(fields: tuple[DraftField, ...], verb: str, steps: list[int]) -> tuple[DraftField, ...]:
    if not steps:
        return (*fields, DraftField()) if verb == "add" else fields
    at, *further = steps
    if at >= len(fields):
        return fields
    if further or verb == "add":
        inner = replace(fields[at], fields=_changed(fields[at].fields, verb, further))
        return (*fields[:at], inner, *fields[at + 1 :])
    others = [*fields[:at], *fields[at + 1 :]]
    if verb in {"up", "down"}:
        others.insert(max(0, at - 1) if verb == "up" else at + 1, fields[at])
    return tuple(others) if verb in {"up", "down", "remove"} else fields


def _properties(fields: Iterable[DraftField], built: Built, path: str, at: str) -> tuple[Json, list[str]]:
    properties: Json = {}
    required = []
    for number, one in enumerate(fields):
        own = f"{path}f.{number}"
        if not one.name:
            if one != replace(DraftField(), kind=one.kind, was=one.was):
                built.fault(own, "The field needs a name.")
            continue
        if one.name in properties:
            built.fault(own, f"There is another field named {one.name!r}.")
            continue
        pointer = f"{at}/{escaped(one.name)}"
        built.places[pointer] = own
        properties[one.name] = _node(one, built, own, pointer)
        required += [one.name] if one.required else []
    return properties, required


def _node(one: DraftField, built: Built, path: str, at: str) -> Json:
    rest = _parsed(one.rest, built, path) if one.rest and one.kind in {one.was, "json"} else {}
    if one.kind == "json":
        return rest
    _, kind, form = KINDS[one.kind]
    node: Json = {"type": kind}
    node |= {word: text for word, text in (("title", one.title), ("description", one.description)) if text}
    if form is not None:
        node["format"] = form
    if one.kind == "choice":
        node["enum"] = parts_of(one.choices)
    if one.examples and one.kind not in WITH_FIELDS | {"list"}:
        node["examples"] = parts_of(one.examples)
    return _with_inside(one, node, rest, built, path, at)


def _with_inside(one: DraftField, node: Json, rest: Json, built: Built, path: str, at: str) -> Json:
    """The node with what stands within it: the fields of a group, the columns of a table, what a list holds."""
    items = rest.pop("items", {})
    if one.kind == "list":
        node["items"] = items or {"type": "string"}
    elif one.kind in WITH_FIELDS:
        within = at if one.kind == "group" else f"{at}/items"
        properties, required = _properties(one.fields, built, path + ".", f"{within}/properties")
        inner = {"properties": properties, **({"required": required} if required else {})}
        if one.kind == "table":
            inner = {"items": {"type": "object", **inner, **items}}
        node |= inner
    return node | rest


def _wishes(draft: Draft, built: Built) -> Json:
    """What a schema says beyond JSON Schema, as far as the form has words for it."""
    wishes: Json = {}
    rules = [_rule(line.strip()) for line in draft.rules.splitlines() if line.strip()]
    if rules:
        wishes["rules"] = rules
    if draft.target:
        try:
            wishes["target"] = float(draft.target)
        except ValueError:
            built.fault("target", "The target is the share of values that has to be right, as 0.98.")
    return wishes


def _rule(line: str) -> Any:
    name, colon, check = line.partition(":")
    return {"name": name.strip(), "check": check.strip()} if colon else line


def _parsed(text: str, built: Built, path: str) -> Json:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        built.fault(path, f"This is not JSON: {error}.")
        return {}
    if not isinstance(said, dict):
        built.fault(path, "This is to be a JSON object.")
        return {}
    return said
