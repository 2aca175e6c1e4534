"""The words of JSON Schema that a schema may use, and what each says of a value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.records import FieldKind

LEAVES = ("string", "number", "integer", "boolean")
BOUNDS = (
    *("enum", "const", "format", "pattern", "minLength", "maxLength"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
)
_BY_TYPE: Mapping[str, FieldKind] = {
    "string": FieldKind.TEXT,
    "number": FieldKind.NUMBER,
    "integer": FieldKind.INTEGER,
    "boolean": FieldKind.BOOLEAN,
}
_BY_FORMAT: Mapping[str, FieldKind] = {
    "date": FieldKind.DATE,
    "money": FieldKind.MONEY,
    "iban": FieldKind.IBAN,
    "vat": FieldKind.VAT,
    "email": FieldKind.EMAIL,
    "idn-email": FieldKind.EMAIL,
    "phone": FieldKind.PHONE,
    "country": FieldKind.COUNTRY,
}
_REFUSED = (
    *("oneOf", "allOf", "not", "if", "then", "else", "dependentSchemas", "dependentRequired", "dependencies"),
    *("patternProperties", "propertyNames", "minProperties", "maxProperties", "unevaluatedProperties"),
    *("prefixItems", "additionalItems", "contains", "minContains", "maxContains", "unevaluatedItems"),
    *("contentEncoding", "contentMediaType", "contentSchema"),
    *("$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor"),
)
_TELLING = frozenset({"$ref", "anyOf", "properties", "items"})  # what there is to read, beside `allOf`
_DECIMAL = "^(?!^[-+.]*$)"  # how the patterns begin that Pydantic writes for a Decimal
_LONGEST_TEXT = 500  # characters of a title or a description
_LONGEST_EXAMPLE = 200
_MOST_EXAMPLES = 5
_MOST_CHOICES = 300


@dataclass(frozen=True, slots=True)
class Fault:
    """What a schema cannot say, and where it says so."""

    pointer: str  # RFC 6901
    said: str


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a body as it is meant: all words that speak of it, and where each stands."""

    words: Mapping[str, Any]
    places: Mapping[str, str]
    at: str  # where its type is said
    faulty: bool = False  # it uses what is refused

    def place(self, word: str) -> str:
        """The pointer of one of its words."""
        return f"{self.places.get(word, self.at)}/{escaped(word)}"

    def over(self, given: Mapping[str, Any], at: str, *, faulty: bool) -> "Node":
        """This node with what stands behind it. What it says itself wins."""
        new = {word: said for word, said in given.items() if word not in {"$ref", "anyOf", "allOf"}}
        places = {**dict.fromkeys(new, at), **self.places}
        return Node({**new, **self.words}, places, at, self.faulty or faulty)


def escaped(name: str) -> str:
    """A name as a part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def type_of(node: Node) -> str | None:
    """The one type besides null; None where there are several, or none is said."""
    said = node.words.get("type")
    if said is None:
        return _unsaid_type(node.words)
    named = [kind for kind in (said if isinstance(said, list) else [said]) if kind != "null"]
    return named[0] if len(named) == 1 and isinstance(named[0], str) else None


def kind_of(node: Node, kind: str, path: str, faults: list[Fault]) -> FieldKind:
    """What a leaf's value is, by type and format. Formats that mean nothing here are texts."""
    by_format = _BY_FORMAT.get(str(node.words.get("format")))
    if by_format is None:
        if kind == "string" and str(node.words.get("pattern", "")).startswith(_DECIMAL):
            return FieldKind.NUMBER
        return _BY_TYPE[kind]
    if kind == "string" or (by_format is FieldKind.MONEY and kind != "boolean"):
        return by_format
    faults.append(Fault(node.place("format"), f"{path!r} is a {kind}, which has no format {node.words['format']!r}."))
    return _BY_TYPE[kind]


def choices_of(node: Node, kind: str, path: str, faults: list[Fault]) -> tuple[str, ...]:
    """The values that a leaf may have, as texts; none where its schema names none, or where it is a truth value."""
    word = "const" if "const" in node.words else "enum"
    if word not in node.words or kind == "boolean":
        return ()
    said = [node.words["const"]] if word == "const" else node.words["enum"]
    named = [value for value in said if value is not None] if isinstance(said, list) else []
    plain = [value for value in named if isinstance(value, str | int | float) and not isinstance(value, bool)]
    if not named or len(plain) < len(named) or len(plain) > _MOST_CHOICES:
        said = f"The choices of {path!r} are to be 1 to {_MOST_CHOICES} texts or numbers."
        faults.append(Fault(node.place(word), said))
    return tuple(str(value) for value in plain[:_MOST_CHOICES])


def examples_of(node: Node) -> tuple[str, ...]:
    """The first few examples of a leaf, as texts."""
    said = node.words.get("examples")
    plain = [value for value in said if isinstance(value, str | int | float)] if isinstance(said, list) else []
    return tuple(text for value in plain if len(text := str(value)) <= _LONGEST_EXAMPLE)[:_MOST_EXAMPLES]


def text_of(node: Node, word: str, path: str, faults: list[Fault]) -> str | None:
    """A title or description: one line for people and for the model."""
    text = node.words.get(word)
    if text is None:
        return None
    if not isinstance(text, str) or len(text) > _LONGEST_TEXT:
        said = f"The {word} of {path!r} is to be a text of at most {_LONGEST_TEXT} characters."
        faults.append(Fault(node.place(word), said))
        return None
    return " ".join(text.split()) or None


def decimal_in(choices: Sequence[object]) -> dict[str, Any] | None:
    """The number in how Pydantic writes a Decimal: a number, or a text that looks like one. None: it is not that."""
    plain = [choice for choice in choices if isinstance(choice, dict)]
    numbers = [choice for choice in plain if choice.get("type") == "number"]
    others = [choice for choice in plain if choice.get("type") in ("string", "integer")]
    return numbers[0] if numbers and len(numbers) + len(others) == len(choices) else None


def part_alone(given: Mapping[str, Any]) -> Any | None:
    """What `allOf` holds where that is one thing, with words about it beside: so Pydantic before 2.9 refers to a model.

    None where there are several, or where what stands beside it says as well what there is to read.
    """
    parts = given.get("allOf")
    if isinstance(parts, list) and len(parts) == 1 and not _TELLING & given.keys():
        return parts[0]
    return None


def refused_in(given: Mapping[str, Any], at: str) -> list[Fault]:
    """The words of JSON Schema that no field can be read by."""
    used = [word for word in _REFUSED if word in given and not (word == "allOf" and part_alone(given) is not None)]
    faults = [Fault(f"{at}/{word}", f'"{word}" is not supported.') for word in used]
    if not isinstance(given.get("additionalProperties", False), bool):
        said = '"additionalProperties" with a schema is not supported: fields have names.'
        faults.append(Fault(f"{at}/additionalProperties", said))
    return faults


def breaches_of_json_schema(body: Mapping[str, Any]) -> list[Fault]:
    """Where a body is no JSON Schema of draft 2020-12; the one fault that tells most."""
    from jsonschema import Draft202012Validator, SchemaError  # noqa: PLC0415 - only who adds schemas pays for it

    try:
        Draft202012Validator.check_schema(body, format_checker=Draft202012Validator.FORMAT_CHECKER)
    except SchemaError as error:
        pointer = "".join(f"/{escaped(str(part))}" for part in error.absolute_path)
        return [Fault(pointer, f"This is no JSON Schema: {error.message[:_LONGEST_TEXT]}.")]
    except RecursionError:
        return [Fault("", "The schema is nested too deep.")]
    return []


def _unsaid_type(words: Mapping[str, Any]) -> str | None:
    """The type where only other words tell it."""
    if isinstance(words.get("properties"), dict):
        return "object"
    if "items" in words:
        return "array"
    said = [words["const"]] if "const" in words else words.get("enum")
    named = [value for value in said if value is not None] if isinstance(said, list) else []
    if named and all(isinstance(value, str) for value in named):
        return "string"
    return "number" if named and all(isinstance(value, int | float) for value in named) else None
