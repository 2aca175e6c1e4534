"""What a text that was read means under the kind of its field; knows no model, no database and no page.

Nothing is guessed in silence: where a text means more than one thing, all of them are told, and the document's other
values (`hints_of`) may decide. The libraries that know the world's codes are imported where they are first used.
"""

from workers.typed.bounded import Bounds
from workers.typed.folding import folded
from workers.typed.gathering import hints_of
from workers.typed.hints import NO_HINTS, Hints
from workers.typed.meaning import as_date, as_number, currency_of, same
from workers.typed.reading import read_value
from workers.typed.years import Within, read_yearless, within_of

__all__ = [
    "NO_HINTS",
    "Bounds",
    "Hints",
    "Within",
    "as_date",
    "as_number",
    "currency_of",
    "folded",
    "hints_of",
    "read_value",
    "read_yearless",
    "same",
    "within_of",
]
