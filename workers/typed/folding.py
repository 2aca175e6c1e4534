"""Texts without what makes no difference: invisible characters, blanks, forms of quotes and dashes, case."""

import unicodedata

LONGEST = 300  # characters; no date, amount, code or name of a country is longer
_INVISIBLE = {"Cf", "Cc", "Cs"}  # marks of direction, joiners, controls; halves of characters, which nothing can store
_SIGNS: dict[int | str, str] = {
    **{0xFF01 + i: chr(0x21 + i) for i in range(94)},  # ASCII as wide as Chinese characters
    **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),  # noqa: RUF001 - the signs that stand for a hyphen, a dash or a minus
    **dict.fromkeys("‘’‚‛′´`ʼ＇", "'"),  # noqa: RUF001 - the signs that stand for an apostrophe
    **dict.fromkeys("“”„‟″«»", '"'),
}
_SAME = str.maketrans(_SIGNS)


def shown(text: str) -> str:
    """`text` as it looks: composed characters, one kind of blank, nothing invisible."""
    seen = text if text.isascii() and text.isprintable() else "".join(c for c in text if _is_shown(c))
    return " ".join(unicodedata.normalize("NFC", seen).split())


def plain(text: str) -> str:
    """`shown`, with one kind of dash and quote, and the decimal digits of any script as 0-9.

    Superscripts and fractions stay what they are: `12²` is not 122.
    """
    alike = shown(text).translate(_SAME)
    return alike if alike.isascii() else "".join(str(unicodedata.decimal(c, c)) for c in alike)


def folded(text: str) -> str:
    """The one form of a text by which equality is judged: no case, blanks joined, forms of one character as one."""
    known = unicodedata.normalize("NFKC", plain(text)).casefold()
    return " ".join(unicodedata.normalize("NFKC", known).split())


def bare(text: str) -> str:
    """Letters and digits alone, folded and without accents, words apart by one blank: for looking words up."""
    parts = unicodedata.normalize("NFKD", folded(text))
    kept = "".join(c if c.isalnum() else "" if unicodedata.combining(c) or c in "'." else " " for c in parts)
    return " ".join(kept.split())


def _is_shown(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) not in _INVISIBLE
