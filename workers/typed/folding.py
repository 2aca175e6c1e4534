"""Texts without what makes no difference: invisible characters, blanks, forms of quotes and dashes, case."""

import unicodedata

LONGEST = 300  # characters; no date, amount, code or name of a country is longer
_SAME = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),  # noqa: RUF001 - the signs that stand for a hyphen, a dash or a minus
        **dict.fromkeys("‘’‚‛′´`ʼ＇", "'"),  # noqa: RUF001 - the signs that stand for an apostrophe
        **dict.fromkeys("“”„‟″«»", '"'),
        "\u00ad": None,
    }
)


def plain(text: str) -> str:
    """`text` with one kind of blank, dash and quote, decimal digits of any script as 0-9, nothing invisible.

    Superscripts and fractions stay what they are: `12²` is not 122.
    """
    seen = "".join(_shown(c) for c in text.translate(_SAME))
    return " ".join(unicodedata.normalize("NFC", seen).split())


def folded(text: str) -> str:
    """The one form of a text by which equality is judged: no case, blanks joined, forms of one character as one."""
    return " ".join(unicodedata.normalize("NFKC", plain(text)).casefold().split())


def bare(text: str) -> str:
    """Letters and digits alone, folded and without accents, words apart by one blank: for looking words up."""
    parts = unicodedata.normalize("NFKD", folded(text))
    kept = "".join(c if c.isalnum() else "" if unicodedata.combining(c) or c in "'." else " " for c in parts)
    return " ".join(kept.split())


def _shown(character: str) -> str:
    if character.isascii():
        return character
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    return "" if unicodedata.category(character) in {"Cf", "Cc"} else character
