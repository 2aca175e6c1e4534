"""What a reply may be: JSON of a schema, or one given text; and the probabilities that the model itself gave."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

import torch
from llguidance import LLMatcher, LLTokenizer
from torch import Tensor
from transformers import LogitsProcessor

from core.logs import get_log

_log = get_log(__name__)
_BITS = 32  # of a word of the grammar's mask


class Rule(Protocol):
    """What one reply may be, token by token."""

    def take(self, token: int) -> None:
        """The reply goes on with this token."""
        ...

    def allow(self, scores: Tensor) -> None:
        """Set the scores (V,) of all tokens that may not come next to minus infinity."""
        ...


class Grammar:
    """Replies that are JSON of a schema, without free white space, ended where the value ends."""

    def __init__(self, tokenizer: LLTokenizer, grammar: str) -> None:
        self.matcher = LLMatcher(tokenizer, grammar)
        words = -(-tokenizer.vocab_size // _BITS)
        self.ends = list(tokenizer.eos_tokens)
        self.mask = torch.zeros(words, dtype=torch.int32)
        self._shifts = torch.arange(_BITS, dtype=torch.int32)

    def take(self, token: int) -> None:
        """Nothing comes after the end."""
        if not self.matcher.is_stopped():
            self.matcher.consume_token(token)

    def allow(self, scores: Tensor) -> None:
        """Behind the value, the end alone; where the grammar broke, everything: the reply is validated anyway."""
        if self.matcher.is_error():
            return
        if self.matcher.is_stopped():
            ends = scores[self.ends].clone()
            scores.fill_(-torch.inf)
            scores[self.ends] = ends
            return
        self.matcher.unsafe_compute_mask_ptr(self.mask.data_ptr(), self.mask.numel() * self.mask.element_size())
        bits = ((self.mask[:, None] >> self._shifts) & 1).bool().flatten()  # (words · 32,)
        allowed = torch.zeros(scores.shape[-1], dtype=torch.bool)
        shared = min(len(allowed), len(bits))
        allowed[:shared] = bits[:shared]
        scores.masked_fill_(~allowed.to(scores.device), -torch.inf)


class Forced:
    """A reply that is given, to learn how likely the model finds it."""

    def __init__(self, tokens: Sequence[int]) -> None:
        self.tokens, self.said = tokens, 0

    def take(self, token: int) -> None:  # noqa: ARG002 - it can only be the one that was forced
        """One more."""
        self.said += 1

    def allow(self, scores: Tensor) -> None:
        """The next token of the text alone."""
        if self.said < len(self.tokens):
            kept = scores[self.tokens[self.said]].clone()
            scores.fill_(-torch.inf)
            scores[self.tokens[self.said]] = kept


def grammar_for(tokenizer: Any, ends: tuple[int, ...], schema: Mapping[str, Any]) -> Grammar | None:
    """The rule of a schema; None, with a warning, where the schema or the tokenizer cannot be constrained."""
    vocabulary = vocabulary_of(tokenizer, ends)
    if vocabulary is None:
        return None
    grammar = LLMatcher.grammar_from_json_schema(json.dumps(schema), overrides={"whitespace_flexible": False})
    rule = Grammar(vocabulary, grammar)
    if rule.matcher.is_error():
        _log.warning("model.schema_not_constrained", reason=rule.matcher.get_error())
        return None
    return rule


@lru_cache(maxsize=4)
def vocabulary_of(tokenizer: Any, ends: tuple[int, ...]) -> LLTokenizer | None:
    """The tokens as the grammar sees them: a second's work, so it is kept."""
    name = type(tokenizer).__name__
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        _log.warning("model.tokenizer_not_constrained", tokenizer=name, reason="it is not a fast one")
        return None
    copied = type(backend).from_str(backend.to_str())
    copied.no_padding()
    copied.no_truncation()
    try:
        return LLTokenizer(copied.to_str(), eos_token=list(ends))
    except ValueError as error:
        _log.warning("model.tokenizer_not_constrained", tokenizer=name, reason=str(error))
        return None


class Recorder(LogitsProcessor):  # type: ignore[misc]
    """Keeps the probability of each token as the model gave it, before any rule; it stands before the rules."""

    def __init__(self) -> None:
        self.chances: list[Tensor] = []  # (B,) a token
        self._last: Tensor | None = None  # (B, V) logarithms

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """The scores as they are."""
        self.settle(input_ids)
        self._last = scores.float().log_softmax(dim=-1)
        return scores

    def settle(self, input_ids: Tensor) -> None:
        """Note how likely the last token was."""
        if self._last is not None:
            self.chances.append(self._last.gather(1, input_ids[:, -1:])[:, 0].exp())
        self._last = None


class Rules(LogitsProcessor):  # type: ignore[misc]
    """One rule a row; None leaves a row free."""

    def __init__(self, rules: Sequence[Rule | None]) -> None:
        self.rules = rules
        self._began = False

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """The scores of what may come next."""
        for number, rule in enumerate(self.rules):
            if rule is None:
                continue
            if self._began:
                rule.take(int(input_ids[number, -1]))
            rule.allow(scores[number])
        self._began = True
        return scores
