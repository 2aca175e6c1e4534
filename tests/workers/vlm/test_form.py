"""What a model says is taken only in the form that was asked for, with the probabilities of its own tokens."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from workers.vlm.form import Chances, Parsed, find_json, is_storable, parse, schema_of
from workers.vlm.interface import Prompt, PromptKind, Token
from workers.vlm.loops import text_loops


def prompts(**schemas: Any) -> list[Prompt]:
    return [Prompt(key, PromptKind.FIELD, key, schema=schema) for key, schema in schemas.items()]


THING = prompts(name=None, count={"type": "integer"}, kind={"type": "string", "enum": ["a", "b"]})


def texts(parsed: Parsed) -> dict[str, str | None]:
    return {key: said.text for key, said in parsed.values.items()}


def test_the_schema_asks_for_a_value_or_null_of_each_key_and_for_nothing_else() -> None:
    validator = Draft202012Validator(schema_of(THING))
    assert validator.is_valid({"name": "x", "count": None, "kind": "a"})
    assert not validator.is_valid({"name": "x", "count": "3", "kind": "a"})
    assert not validator.is_valid({"name": "x", "count": 3})
    assert not validator.is_valid({"name": "x", "count": 3, "kind": "a", "more": 1})


@pytest.mark.parametrize(
    "raw",
    [
        '{"name": "Ann", "count": 3, "kind": null}',
        '```json\n{"name": " Ann ", "count": 3, "kind": ""}\n```',
        'Here it is: {"name":"Ann","count":3,"kind":null,"remark":[1]} I hope that {this} helps.',
        '<think>maybe {"name": "Bob"}</think>\n{"name": "Ann", "count": 3, "kind": null}',
    ],
)
def test_the_values_are_found_whatever_stands_around_them(raw: str) -> None:
    parsed = parse(raw, THING)
    assert (texts(parsed), parsed.wrong) == ({"name": "Ann", "count": "3", "kind": None}, {})


@pytest.mark.parametrize(
    ("raw", "good", "bad"),
    [
        ("", set(), {"name", "count", "kind"}),
        ("I cannot read this.", set(), {"name", "count", "kind"}),
        ('["name"]', set(), {"name", "count", "kind"}),
        ('{"name": "Ann", "count": 3, "ki', {"name", "count"}, {"kind"}),
        ('{"name": "Ann", "count": 3.5, "kind": "a"}', {"name", "kind"}, {"count"}),
        ('{"name": "Ann", "count": NaN, "kind": "a"}', {"name"}, {"count", "kind"}),
        ('{"name": "Ann", "count": "3", "kind": "c"}', {"name"}, {"count", "kind"}),
        ('{"name": ["Ann"], "count": 3, "kind": "a"}', {"count", "kind"}, {"name"}),
        ('{"name": "Ann", "name": "Bob", "count": 3, "kind": "a"}', {"count", "kind"}, {"name"}),
        ('{"name": "An\\u0000n", "count": 3, "kind": "a"}', {"count", "kind"}, {"name"}),
        ('{"name": "An\\ud83d", "count": 3, "kind": "a"}', {"count", "kind"}, {"name"}),
        ('{"name": "Ann", "count": 3, "kind": "a"} or {"name": "Bob"}', set(), {"name", "count", "kind"}),
        ('{"name": ' + "[" * 100_000, set(), {"name", "count", "kind"}),
    ],
)
def test_what_has_another_form_is_named_and_never_guessed(raw: str, good: set[str], bad: set[str]) -> None:
    parsed = parse(raw, THING)
    assert (set(parsed.values), set(parsed.wrong)) == (good, bad)
    assert all(f'"{key}" ' in parsed.complaint for key in bad)


@pytest.mark.parametrize(
    ("schema", "value", "valid"),
    [
        ({"type": "string", "pattern": "^[A-Z]{2}$"}, "DE", True),
        ({"type": "string", "pattern": "^[A-Z]{2}$"}, "de", False),
        ({"type": "string", "pattern": "^(a+)+$"}, "a" * 40 + "b", False),  # would take years without a limit
        ({"type": "string", "pattern": "("}, "de", False),
        ({"type": "string", "format": "date"}, "2026-11-25", True),
        ({"type": "string", "format": "date"}, "25.11.2026", False),
        ({"type": "number", "minimum": 0}, -1, False),
        ({"type": "boolean"}, True, True),
    ],
)
def test_the_schema_of_a_field_is_kept_in_all_its_words(schema: dict[str, Any], value: Any, valid: bool) -> None:  # noqa: FBT001
    asked = prompts(it=schema)
    assert ("it" in parse(json.dumps({"it": value}), asked).values) is valid


@pytest.mark.parametrize("schema", [{"$ref": "http://127.0.0.1:9/schema.json"}, {"type": "strnig"}, {"minimum": "x"}])
def test_a_schema_that_cannot_be_used_is_said_and_nothing_is_fetched_for_it(schema: dict[str, Any]) -> None:
    parsed = parse('{"it": 3}', prompts(it=schema))
    assert "cannot be used" in parsed.wrong["it"]


def tokens(*parts: tuple[str, float]) -> list[Token]:
    return [Token(text.encode(), chance) for text, chance in parts]


RAW = '{"name": "Zoë", "count": 12, "kind": null}'
SPLIT = tokens(
    ('{"', 1.0), ("name", 0.99), ('": "', 1.0), ("Zo", 0.8), ("ë", 0.7), ('", "', 0.9), ("count", 1.0), ('": ', 1.0)
) + tokens(("1", 0.6), ("2", 0.5), (', "', 0.9), ("kind", 1.0), ('": ', 1.0), ("null", 0.4), ("}", 1.0))


def chances(raw: str, said: Sequence[Token] | None) -> dict[str, tuple[float, ...] | None]:
    known = Chances(raw, said)
    return {key: known.within(v.start, v.end) for key, v in parse(raw, THING).values.items()}


def test_a_value_has_the_probabilities_of_exactly_its_own_tokens() -> None:
    assert chances(RAW, SPLIT) == {"name": (0.8, 0.7), "count": (0.6, 0.5), "kind": (0.4,)}


def test_a_letter_that_is_split_over_tokens_counts_with_both() -> None:
    parts = [Token(b'{"name": "Zo', 1.0), Token(b"\xc3", 0.3), Token(b"\xab", 0.2), Token(b'"}', 1.0)]
    assert Chances('{"name": "Zoë"}', parts).within(12, 13) == (0.3, 0.2)


def test_marks_around_the_text_do_not_shift_the_probabilities() -> None:
    around = [Token(b"<s>", 0.1), *SPLIT, Token(b"</s>", 0.1)]
    assert chances(RAW, around) == chances(RAW, SPLIT)


@pytest.mark.parametrize("said", [None, [], tokens(("something else", 0.5))])
def test_without_the_tokens_of_the_text_there_are_no_probabilities(said: Sequence[Token] | None) -> None:
    assert chances(RAW, said) == {"name": None, "count": None, "kind": None}


@given(st.dictionaries(st.text(min_size=1), st.none() | st.text() | st.integers() | st.booleans(), min_size=1))
def test_every_value_stands_where_it_is_said_to_stand(values: dict[str, Any]) -> None:
    raw = json.dumps(values, ensure_ascii=False)
    asked = prompts(**{key: {"type": ["string", "integer", "boolean"]} for key in values})
    parsed = parse(raw, asked)
    for key, said in parsed.values.items():
        found = raw[said.start : said.end]
        if isinstance(values[key], str) and said.text is not None:
            assert json.loads(f'"{found}"') == values[key]
            assert said.text == values[key].strip()
        else:
            assert json.loads(found) == values[key]
    assert all(not is_storable(str(values[key])) for key in parsed.wrong)


def test_a_text_that_runs_in_circles_is_known_by_its_characters() -> None:
    assert text_loops("Total: " + "12.00 and " * 40)
    assert text_loops("." * 200)
    assert not text_loops("00000000000000000000")
    assert not text_loops("The total of the invoice is 12.00, payable within 30 days, or else with interest.")


ROW = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ('{"n": 1}', '{"n": 1}'),
        (' \n{"n":1}\n', '{"n":1}'),
        ('{"n": 2}</think>\n```json\n{"n": 1}\n```', '{"n": 1}'),
    ],
)
def test_a_reply_that_is_json_alone_is_found_behind_thoughts_and_within_a_fence(raw: str, expected: str) -> None:
    found = find_json(raw, ROW)
    assert (raw[found.start : found.end], found.wrong) == (expected, None)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ("", "not JSON"),
        ("The total is 1.", "not JSON"),
        ('{"n": 1', "not JSON"),
        ('{"n": NaN}', "not JSON"),
        ('{"n": 1} as you wished', "more than JSON"),
        ('{"n": 1}{"n": 2}', "more than JSON"),
        ('{"n": "1"}', 'breaks the rule properties/n/type of its schema: "integer"'),
        ("{}", 'breaks the rule required of its schema: ["n"]'),
        ("null", 'breaks the rule type of its schema: "object"'),
        ('{"n": 1, "m": "\\u0000"}', "cannot be stored"),
    ],
)
def test_a_reply_that_is_not_the_wanted_json_says_why(raw: str, says: str) -> None:
    wrong = find_json(raw, ROW).wrong
    assert wrong is not None
    assert says in wrong
