"""Numbers that name something, as they stand on a page: which of its words are parts of one, and which are one whole.

`NL07 RCEG 0875 4849 14` has no number 0875 in it, nor has `3670.83` a 3670, nor `OG-0796` an A 0796. People leave away
what stands before a number, and a year behind it: who asks for 4711 means `RE-4711`, `2024/4711` and `4711/24`, too.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import accumulate

from storage.search_words import words_of
from workers.field_words import is_field_word
from workers.nearness import as_digits

_ACCOUNT = r"[A-Z]{2}\d\d(?: [A-Z]{4})?(?: (?=[A-Z]*\d)[A-Z0-9]{2,4}){2,8}(?: \d)?(?!\S)"  # in groups
_CODE = re.compile(rf"(?<!\S)(?:{_ACCOUNT}|(?:[A-Z]{{1,4}} (?!{_ACCOUNT}))?(?=\S*\d)\S+)")
_TWO = re.compile(r"[:;]|/(?=[^\W\d])")  # between two numbers that are written without a blank
_SHORT_YEAR = re.compile(r"(?<=\d)/\d\d$")
_YEAR = re.compile(r"(?:19|20)\d\d$")
_ROUND = "00"  # cents that are left away


def codes_in(line: str) -> list[range]:
    """Of each run of words with a digit in it that is written as one number: which of the line's words it is."""
    found = []
    at = end = 0
    for code in _CODE.finditer(line):
        at += len(words_of(line[end : code.start()]))
        end = code.end()
        for part in _TWO.split(code.group()):
            known, whole = len(words_of(_SHORT_YEAR.sub("", part))), len(words_of(part))
            if known:
                found.append(range(at, at + known))
            at += whole
    return found


def stands_in(words: Sequence[str], codes: Mapping[int, range], asked: Sequence[str], before: Sequence[str]) -> bool:
    """Whether a number stands among the words of a page, however it is grouped.

    `codes` are by the place of each of their words. `before` are letters that were asked for with it, as in `INV 4711`:
    the page may lack them, and has no others instead.
    """
    plain = tuple(map(as_digits, words))
    number, letters = as_digits("".join(asked)), "".join(before)
    return any(
        _is_whole(words, codes, range(at, at + length), letters)
        for wanted in dict.fromkeys((number, as_digits(letters) + number))
        for at, word in enumerate(plain)
        if wanted.startswith(word) and (length := _length(plain[at : at + len(wanted)], wanted))
    )


def _length(words: Sequence[str], wanted: str) -> int:
    """How many of these words make up what is wanted; 0 where they do not."""
    made = list(accumulate(words))
    return made.index(wanted) + 1 if wanted in made else 0


def _is_whole(words: Sequence[str], codes: Mapping[int, range], found: range, letters: str) -> bool:
    """Whether what was found is a number and no part of another one."""
    first, last = codes.get(found[0], found), codes.get(found[-1], found)
    left, right = words[first.start : found.start], words[found.stop : max(last.stop, found.stop)]
    if not all(word == _ROUND or word.isalpha() or _YEAR.match(word) for word in right):
        return False
    beyond = [word for word in left if not _YEAR.match(word) and not is_field_word(word)]
    return "".join(beyond) == letters if beyond and letters else all(map(str.isalpha, beyond))
