"""When two words can be one that was misread: by edits, and by letters that look alike."""

from functools import lru_cache

SHORTEST = 5  # letters of a name that may be misread; shorter ones are too near each other
SECOND = 10  # from so many letters on, two may be wrong
_PAIRS = (("rn", "m"), ("cl", "d"), ("vv", "w"))  # read for each other on paper
_LOOKS = {ord(one): other for one, other in zip("01589ij", "olsbgll", strict=True)}
_DIGITS = {ord(one): other for one, other in zip("oqlijszbg", "001115286", strict=True)}


def edits(a: str, b: str, most: int) -> int:
    """Levenshtein's distance of two texts; more than `most` where it is more than that."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, start=1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
        if min(row) > most:
            return most + 1
    return row[-1]


def is_near(asked: str, read: str) -> bool:
    """Whether a folded word may be another one, misread: by its looks the same, or with a letter in five others wrong.

    Numbers have no near ones: with another digit it is another number. Only letters that look like digits may differ.
    """
    if asked == read:
        return True
    if any(c.isdigit() for c in asked):
        return as_digits(asked) == as_digits(read)
    one, other = _looks(asked), _looks(read)
    if one == other:
        return True
    if len(asked) < SHORTEST:
        return False
    most = 2 if len(asked) >= SECOND else 1
    return edits(one, other, most) <= most


def as_digits(text: str) -> str:
    """A number with the digits that its letters may be."""
    return text.translate(_DIGITS)


@lru_cache(maxsize=20_000)
def _looks(word: str) -> str:
    for pair, one in _PAIRS:
        word = word.replace(pair, one)
    return word.translate(_LOOKS)
