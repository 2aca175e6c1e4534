"""The body of a schema as rows of a form. What the form has no word for is kept beside them and comes back unharmed."""

import json
from collections.abc import Mapping
from typing import Any

from api.web.drafts import KINDS, PARTED, Draft, DraftField, Json
from storage.schema_words import decimal_in, part_alone

_BY_FORMAT = {form: kind for kind, (_, _, form) in KINDS.items() if form is not None} | {"idn-email": "email"}
_PLAIN = {"string": "text", "number": "number", "integer": "integer", "boolean": "boolean"}
_DEEPEST = 8
_OF_ROOT = ("type", "title", "description", "properties", "required", "folioscope")


def draft_of_body(name: str, body: Mapping[str, Any], base: int | None = None) -> Draft:
    """The form of a body, as a next version of `base`. References are written out."""
    wishes = dict(body.get("folioscope") or {})
    rules = [_rule(rule) for rule in wishes.pop("rules", [])]
    target = wishes.pop("target", None)
    fields = _fields(body, body, 0)
    rest = {word: said for word, said in body.items() if word not in _OF_ROOT}
    if not _has_json(fields):
        rest.pop("$defs", None)
    rest |= {"folioscope": wishes} if wishes else {}
    return Draft(
        name=name,
        base=base,
        title=str(body.get("title", "")),
        description=str(body.get("description", "")),
        fields=fields,
        rules="\n".join(rules),
        target="" if target is None else f"{target:g}",
        rest=_kept(rest),
    )


def _fields(node: Mapping[str, Any], root: Mapping[str, Any], depth: int) -> tuple[DraftField, ...]:
    properties, required = node.get("properties"), node.get("required") or ()
    if not isinstance(properties, dict):
        return ()
    return tuple(_field(name, said, root, depth, required=name in required) for name, said in properties.items())


def _field(name: str, said: Any, root: Mapping[str, Any], depth: int, *, required: bool) -> DraftField:
    node = _written_out(said, root)
    kind = _kind_of(node, depth)
    if kind == "json":
        return DraftField(name=name, kind=kind, was=kind, required=required, rest=json.dumps(said, indent=2))
    rest = {word: what for word, what in node.items() if word not in {"title", "description", "type"}}
    if node["type"] != KINDS[kind][1]:
        rest["type"] = node["type"]
    shown: dict[str, Any] = {"title": str(node.get("title", "")), "description": str(node.get("description", ""))}
    shown |= _inside(kind, node, rest, root, depth)
    rest.pop("format" if KINDS[kind][2] else "", None)
    if kind not in {"list", "table", "group"}:
        shown["examples"] = _in_one_line(rest.pop("examples", []))
    return DraftField(name=name, kind=kind, was=kind, required=required, rest=_kept(rest), **shown)


def _inside(kind: str, node: Json, rest: Json, root: Mapping[str, Any], depth: int) -> dict[str, Any]:
    """What stands within a field, taken out of the rest."""
    match kind:
        case "choice":
            return {"choices": _in_one_line(rest.pop("enum"))}
        case "group":
            rest.pop("properties")
            rest.pop("required", None)
            return {"fields": _fields(node, root, depth + 1)}
        case "table":
            items = _written_out(rest.pop("items"), root)
            other = {word: what for word, what in items.items() if word not in {"type", "title", "properties"}}
            other.pop("required", None)
            rest |= {"items": other} if other else {}
            return {"fields": _fields(items, root, depth + 1)}
        case _:
            return {}


def _kind_of(node: Any, depth: int) -> str:
    """Which of the form's kinds a node is; `json` where none says the same."""
    if not isinstance(node, dict) or depth > _DEEPEST or "anyOf" in node or "const" in node:
        return "json"
    kind = node.get("type")
    if kind == "object" and isinstance(node.get("properties"), dict):
        return "group"
    if kind == "array":
        return _kind_of_array(node)
    if "enum" in node:
        plain = kind == "string" and all(_is_plain(one) for one in node["enum"])
        return "choice" if plain else "json"
    form = node.get("format")
    if form in _BY_FORMAT and (kind == "string" or (form == "money" and kind in _PLAIN)):
        return _BY_FORMAT[form]
    return _PLAIN.get(str(kind), "json") if all(_is_plain(one) for one in node.get("examples", ())) else "json"


def _kind_of_array(node: Json) -> str:
    items = node.get("items")
    if not isinstance(items, dict):
        return "json"
    if {"$ref", "allOf", "properties"} & items.keys():
        return "table"
    return "list" if items.get("type") in _PLAIN else "json"


def _written_out(node: Any, root: Mapping[str, Any]) -> Any:
    """A node without its local reference and its "or null"; what it says itself goes before what stands there."""
    for _ in range(_DEEPEST):
        if not isinstance(node, dict):
            return node
        reference, choices, part = node.get("$ref"), node.get("anyOf"), part_alone(node)
        if isinstance(part, dict):
            node = {**part, **{word: what for word, what in node.items() if word != "allOf"}}
        elif isinstance(reference, str) and reference.startswith("#/"):
            node = {**_found(reference, root), **{word: what for word, what in node.items() if word != "$ref"}}
        elif isinstance(choices, list) and "type" not in node:
            real = [one for one in choices if one != {"type": "null"}]
            only = real[0] if len(real) == 1 else decimal_in(real)
            if not isinstance(only, dict):
                return node
            node = {**only, **{word: what for word, what in node.items() if word not in {"anyOf", "default"}}}
        else:
            break
    if isinstance(node.get("type"), list):
        named = [kind for kind in node["type"] if kind != "null"]
        node = node | {"type": named[0]} if len(named) == 1 else node
    return node


def _found(reference: str, root: Mapping[str, Any]) -> Json:
    node: Any = root
    for part in reference[2:].split("/"):
        node = node.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else {}


def _is_plain(value: object) -> bool:
    """Whether a text can stand in a line with others."""
    return isinstance(value, str) and PARTED not in value and value == value.strip() != ""


def _in_one_line(values: list[str]) -> str:
    return f" {PARTED} ".join(values)


def _rule(rule: Any) -> str:
    return f"{rule.get('name')}: {rule.get('check')}" if isinstance(rule, dict) and rule.get("name") else _check(rule)


def _check(rule: Any) -> str:
    return str(rule.get("check", "")) if isinstance(rule, dict) else str(rule)


def _has_json(fields: tuple[DraftField, ...]) -> bool:
    return any(one.kind == "json" or _has_json(one.fields) for one in fields)


def _kept(rest: Json) -> str:
    return json.dumps(rest) if rest else ""
