"""What a schema says beyond JSON Schema, under `folioscope`: rules, how sure values have to be, what is checked."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from core.errors import InvalidSchema
from storage.rule_texts import COUNTABLE, parse_rule
from storage.schema_words import Fault, Node, escaped
from storage.wanted import Count, Field, Number, Of, Rule, Wanted

WORD = "folioscope"
_AT = f"/{WORD}"
_KNOWN = ("rules", "target", "verify", "text_layer")
_MOST_RULES = 50
_LENGTHS = {"minItems": ">=", "maxItems": "<="}
_BOUNDS = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}
_LONGEST_NAME = 200
_A_RULE = f'A rule is a text, or an object of "check" and "name", a text of 1 to {_LONGEST_NAME} characters.'


def with_wishes(wanted: Wanted, root: Mapping[str, Any], arrays: Mapping[str, Node], faults: list[Fault]) -> Wanted:
    """What is wanted with what the body says under `folioscope`, and how many rows its arrays are to have."""
    said = root.get(WORD, {})
    if not isinstance(said, dict):
        faults.append(Fault(_AT, f'"{WORD}" is to be an object with {", ".join(_KNOWN)}.'))
        said = {}
    known = ", ".join(_KNOWN)
    strange = [word for word in said if word not in _KNOWN]
    faults += [Fault(f"{_AT}/{escaped(word)}", f'"{WORD}" knows {known}, but not {word!r}.') for word in strange]
    return replace(
        wanted,
        rules=(*_rules(said, wanted, faults), *_lengths(wanted, arrays), *_bounds(wanted)),
        target=_target(said, faults),
        verify=_yes_or_no(said, "verify", faults),
        layer=_yes_or_no(said, "text_layer", faults) is not False,
    )


def _rules(said: Mapping[str, Any], wanted: Wanted, faults: list[Fault]) -> list[Rule]:
    given = said.get("rules", [])
    if not isinstance(given, list) or len(given) > _MOST_RULES:
        faults.append(Fault(f"{_AT}/rules", f'"rules" is to be a list of at most {_MOST_RULES} rules.'))
        return []
    found = []
    for number, rule in enumerate(given):
        at = f"{_AT}/rules/{number}"
        named = rule if isinstance(rule, dict) else {"check": rule}
        check, name = named.get("check"), named.get("name")
        if not isinstance(check, str) or not _is_name(name) or named.keys() - {"check", "name"}:
            faults.append(Fault(at, _A_RULE))
            continue
        try:
            found.append(parse_rule(check, wanted, name))
        except InvalidSchema as error:
            faults.append(Fault(at, error.detail))
    return found


def _is_name(name: object) -> bool:
    return name is None or (isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME)


def _lengths(wanted: Wanted, arrays: Mapping[str, Node]) -> list[Rule]:
    """`minItems` and `maxItems` as rules: too few rows lower no value, but flag the record."""
    rules = []
    for table in wanted.tables:
        for word, relation in _LENGTHS.items():
            bound = arrays[table.path].words.get(word)
            if isinstance(bound, int) and bound > 0:
                check = f"count({table.path}) {relation} {bound}"
                rules.append(Rule(check, check, Count(table.path), relation, Number(str(bound)), (table.path,)))
    return rules


def _bounds(wanted: Wanted) -> Iterator[Rule]:
    """`minimum` and the like of amounts and numbers as rules, of columns in each row."""
    yield from (rule for field in wanted.fields for rule in _bounds_of(field, None))
    yield from (rule for table in wanted.tables for field in table.fields for rule in _bounds_of(field, table.path))


def _bounds_of(field: Field, table: str | None) -> Iterator[Rule]:
    path = f"{table}.{field.path}" if table else field.path
    for word, relation in _BOUNDS.items():
        bound = field.bounds.get(word)
        if field.kind in COUNTABLE and isinstance(bound, int | float) and not isinstance(bound, bool):
            text = f"{Decimal(str(bound)).normalize():f}"
            check = f"{path} {relation} {text}"
            yield Rule(check, check, Of(field.path, field.kind, table), relation, Number(text), (path,), table)


def _target(said: Mapping[str, Any], faults: list[Fault]) -> float | None:
    target = said.get("target")
    if target is None:
        return None
    if isinstance(target, bool) or not isinstance(target, int | float) or not 0 < target <= 1:
        faults.append(Fault(f"{_AT}/target", '"target" is the share of values that has to be right, as 0.98.'))
        return None
    return float(target)


def _yes_or_no(said: Mapping[str, Any], word: str, faults: list[Fault]) -> bool | None:
    answer = said.get(word)
    if answer is None or isinstance(answer, bool):
        return answer
    faults.append(Fault(f"{_AT}/{word}", f'"{word}" is to be true or false.'))
    return None
