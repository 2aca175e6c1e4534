"""Rows that a model listed although they are none: the titles of columns, sums, and what was carried over.

What is in doubt stays. A row that has what only a thing has, or all that the other rows have, is a thing, whatever its
name; the words of payments and rebates are left alone, as things are named by them, too.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TypeAlias

from core.records import FieldKind
from workers.vlm.figures import FIGURES, Look, look_of
from workers.vlm.interface import Cell, Column
from workers.vlm.titles import Means, fold, is_all, is_carried, is_payment, meanings, strictly, sum_of

USUAL = 0.8  # of the rows that are no sums fill a column that a row usually has

Row: TypeAlias = Mapping[str, Cell]  # by a column's key

_BESIDE = FIGURES | {Look.CURRENCY, Look.NOTHING}  # what may stand beside the words of a sum
_OF_THINGS = {Means.POSITION, Means.CODE, Means.QUANTITY, Means.UNIT, Means.UNIT_PRICE, Means.DISCOUNT, Means.TAX_RATE}
_PRINTED_AS_WORDS = {FieldKind.TEXT, FieldKind.CHOICE}


def without_sums(columns: Sequence[Column], rows: Sequence[Row]) -> list[Row]:
    """The rows of a table, in order, without those that are none."""
    by_key = {key: Column(key, key) for row in rows for key in row} | {column.key: column for column in columns}
    told = [row for row in rows if not _is_header(row, by_key)]
    phrases = [_sum_named(row, by_key) for row in told]
    usual = _usual([row for row, phrase in zip(told, phrases, strict=True) if phrase is None])
    kept: list[Row] = []
    for row, phrase in zip(told, phrases, strict=True):
        if phrase is None or not _is_sum(row, phrase, usual, kept):
            kept.append(row)
    return kept


def _is_header(row: Row, columns: Mapping[str, Column]) -> bool:
    """Whether a row says nothing but what its columns are called, at least one of which is no column of words."""
    if len(row) < 2:  # noqa: PLR2004 - a single cell may say anything
        return False
    worded = all(columns[key].kind in _PRINTED_AS_WORDS for key in row)
    return all(_is_title(cell.text, columns[key].title, exactly=worded) for key, cell in row.items())


def _is_title(text: str, title: str, *, exactly: bool) -> bool:
    same = bool(fold(text)) and fold(text) == fold(title)
    return same or (not exactly and bool(set(strictly(text)) & set(meanings(title))))


def _sum_named(row: Row, columns: Mapping[str, Column]) -> str | None:
    """The words of a sum, where a row has these and no others, and beside them nothing but amounts."""
    looks = {key: look_of(cell.text) for key, cell in row.items()}
    worded = [key for key, look in looks.items() if look not in _BESIDE | {Look.DATE}]
    if len(worded) != 1 or any(_is_of_things(columns[key]) for key in row.keys() - set(worded)):
        return None
    label = row[worded[0]].text
    phrase = sum_of(label)
    if phrase is None or is_payment(phrase) or not is_all(label, phrase):
        return None
    return None if Look.DATE in looks.values() and not is_carried(phrase) else phrase


def _is_of_things(column: Column) -> bool:
    """Whether only a thing has something in this column, such as a quantity."""
    means = set(meanings(column.title))
    return column.kind is FieldKind.INTEGER or (bool(means) and means <= _OF_THINGS)


def _usual(rows: Sequence[Row]) -> AbstractSet[str]:
    """The columns that nearly every row fills."""
    filled = Counter(key for row in rows for key in row)
    return {key for key, count in filled.items() if count >= USUAL * len(rows)}


def _is_sum(row: Row, phrase: str, usual: AbstractSet[str], before: Sequence[Row]) -> bool:
    """Whether a row named like a sum is one: it lacks what rows have; or it is words and an amount, and fits."""
    if usual - row.keys():
        return True
    return len(row) <= 2 and (is_carried(phrase) or _is_all_of_it(row, before))  # noqa: PLR2004 - words and an amount


def _is_all_of_it(row: Row, before: Sequence[Row]) -> bool:
    """Whether a row's amount is no less than those of all rows before it together."""
    keys = [key for key, cell in row.items() if look_of(cell.text) in FIGURES]
    amounts = [_digits(other[key]) for key in keys[:1] for other in before if key in other]
    return bool(amounts) and _digits(row[keys[0]]) >= sum(amounts)


def _digits(cell: Cell) -> int:
    """The figures of an amount, in its smallest unit: those of one column are printed in one way."""
    return int("0" + "".join(c for c in cell.text if c.isdecimal()))
