"""Whatever a model's scores are, what it says has the form that is asked for."""

import json
from typing import Any

import pytest
import torch
from jsonschema import Draft202012Validator

from tests.workers.vlm.local.tiny import tokenizer_with
from workers.vlm.interface import Column, Prompt, PromptKind
from workers.vlm.listing import schema_of_rows
from workers.vlm.local.constrain import Forced, Rules, grammar_for, vocabulary_of

END = 2
TOKENIZER = tokenizer_with("<image>")
SCHEMAS: list[dict[str, Any]] = [
    {"enum": ["invoice", "letter", 'a "quoted" word']},
    {"type": "integer", "minimum": -5, "maximum": 120},
    {"type": "string", "maxLength": 6},
    {"type": "boolean"},
    {"type": "array", "items": {"type": "string", "maxLength": 2}, "maxItems": 2},
    {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3}$"},
    {"type": "string", "format": "date"},
]


def said_at_random(schema: dict[str, Any], seed: int, most: int = 200) -> str:
    """What a model of pure chance says under a schema."""
    dice = torch.Generator().manual_seed(seed)
    rule = grammar_for(TOKENIZER, (END,), schema)
    assert rule is not None
    rules, tokens = Rules([rule]), torch.zeros(1, 1, dtype=torch.long)
    for _ in range(most):
        scores = torch.randn(1, len(TOKENIZER) + 7, generator=dice)  # heads are often larger than their vocabulary
        scores[:, END] += 2
        best = rules(tokens, scores).argmax(dim=-1, keepdim=True)
        if best.item() == END:
            text: str = TOKENIZER.decode(tokens[0, 1:].tolist())
            return text
        tokens = torch.cat([tokens, best], dim=1)
    raise AssertionError(TOKENIZER.decode(tokens[0].tolist()))


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: json.dumps(schema)[:40])
def test_pure_chance_says_nothing_but_what_its_schema_takes(schema: dict[str, Any]) -> None:
    whole = {
        "type": "object",
        "properties": {"value": schema},
        "required": ["value"],
        "additionalProperties": False,
    }
    for seed in range(8):
        text = said_at_random(whole, seed)
        value = json.loads(text)
        Draft202012Validator(whole).validate(value)
        assert text == json.dumps(value, separators=(",", ":"), ensure_ascii=False) or "\\" in text  # no free spaces


def test_rows_are_counted_before_they_are_listed() -> None:
    columns = (Column("what", "description"), Column("amount", "amount"))
    schema = schema_of_rows(Prompt("items", PromptKind.ROWS, "items", columns=columns))
    reply = '{"count":2,"rows":[{"what":"Tea","amount":null}]}'
    for text, taken in ((reply, True), (reply.replace('"count":2,', ""), False)):
        rule, tokens = grammar_for(TOKENIZER, (END,), schema), TOKENIZER(text, add_special_tokens=False)["input_ids"]
        assert rule is not None
        assert (rule.matcher.validate_tokens(tokens) == len(tokens)) is taken


def test_a_schema_that_no_grammar_knows_leaves_the_reply_free() -> None:
    assert grammar_for(TOKENIZER, (END,), {"type": "string", "format": "no-such-format-at-all", "not": {}}) is None


def test_a_tokenizer_that_tells_nothing_of_its_tokens_leaves_the_reply_free() -> None:
    class Bare:
        """As those that are written in Python are."""

    assert vocabulary_of(Bare(), (END,)) is None


def test_a_given_reply_is_said_whatever_is_likelier() -> None:
    rules, tokens = Rules([Forced([7, 9, END]), None]), torch.zeros(2, 1, dtype=torch.long)
    for _ in range(3):
        scores = torch.zeros(2, 20)
        scores[:, 5] = 9.0
        tokens = torch.cat([tokens, rules(tokens, scores).argmax(dim=-1, keepdim=True)], dim=1)
    assert tokens[:, 1:].tolist() == [[7, 9, END], [5, 5, 5]]
