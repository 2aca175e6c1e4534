"""Truth values, printed as words or ticked, and the choices of a field."""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from core.records import TypedValue
from workers.typed.folding import bare

_TICKED, _EMPTY = "☑☒✓✔✗✘✕■", "☐□▢"
_YES_WORDS = "yes y true t on ja j oui o vrai si s sí sì vero verdadero waar wahr x 1 v checked"
_NO_WORDS = "no n false f off nein non faux falso nee onwaar falsch 0 unchecked"
_YES, _NO = frozenset((*_YES_WORDS.split(), *_TICKED)), frozenset((*_NO_WORDS.split(), *_EMPTY))
_BRACKETS = re.compile(r"[\[(]\s*([xXvV✓✔✗✘]?)\s*[\])]")
_OPTION = re.compile(rf"([{_TICKED}{_EMPTY}])\s*([^{_TICKED}{_EMPTY}]*)")
ALIKE, CLEARLY = 0.85, 0.05  # share of characters that a misspelled choice keeps; by how much it beats the next


def read_boolean(text: str) -> TypedValue:
    """A truth value: a word in one of six languages, a box that is ticked or not, or the ticked one of several."""
    text = _BRACKETS.sub(lambda found: "☒" if found[1] else "☐", text)
    options = [(mark in _TICKED, _truth(label)) for mark, label in _OPTION.findall(text) if label.strip()]
    if options:
        return _ticked(options)
    truth = _truth(text)
    return TypedValue(None, "not-a-truth-value") if truth is None else TypedValue(truth)


def read_choice(text: str, choices: Sequence[str]) -> TypedValue:
    """One of the choices: the same but for case, accents and marks, else the one that is misspelled."""
    wanted = bare(text)
    named = [choice for choice in choices if choice == text] or [c for c in choices if wanted and bare(c) == wanted]
    if named:
        return TypedValue(named[0])
    likely = sorted(((_likeness(wanted, bare(choice)), choice) for choice in choices), reverse=True)
    if likely and likely[0][0] >= ALIKE and (len(likely) == 1 or likely[0][0] - likely[1][0] >= CLEARLY):
        return TypedValue(likely[0][1])
    return TypedValue(None, "not-a-choice")


def _likeness(text: str, choice: str) -> float:
    """0 where one stands in the other: `unmarried` is no way to spell `married`."""
    if not choice or text in choice or choice in text or any(c.isdecimal() for c in text + choice):
        return 0.0
    return SequenceMatcher(None, text, choice, autojunk=False).ratio()


def _truth(text: str) -> bool | None:
    word = text.strip(" .,;:!").casefold()
    return True if word in _YES else False if word in _NO else None


def _ticked(options: Iterable[tuple[bool, bool | None]]) -> TypedValue:
    """The word beside the one tick; a single box with another word beside it is its tick."""
    every = list(options)
    words = [truth for ticked, truth in every if ticked]
    if len(words) == 1 and words[0] is not None:
        return TypedValue(words[0])
    if len(every) == 1 and every[0][1] is None:
        return TypedValue(every[0][0])
    return TypedValue(None, "not-a-truth-value")
