"""One answer out of what pages said, with its evidence, or an honest "not in these documents".

An answer counts where its page, or its document, has what the question is about (`workers.support`), where it says
something that the question does not say itself, and where it can be an answer to it: an account has digits, a mail
address an @. Of those that count the likeliest is given, if it is likely enough.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.records import Box
from storage.search_words import words_of
from workers.best import Reading, ranked_texts
from workers.subject_words import About
from workers.support import Judged, Support
from workers.typed.months import is_weekday, month_of

MOST_ALTERNATIVES = 5
MOST_SUPPORTERS = 20
MOST_SHOWN = 50  # pages that an answer lists as looked at
_WEIGHTS = {Support.NONE: 0.0, Support.UNKNOWN: 0.8, Support.DOCUMENT: 0.9, Support.PAGE: 1.0}
_WITHOUT_WORDS = 0.7  # what an answer weighs whose page has none of the question's softer words
_LEAST_DIGITS = {  # of an answer, by the first thing that a question asks for
    "iban": 10,
    **dict.fromkeys(("phone", "telephone", "telefon", "telefonnummer"), 5),
    **dict.fromkeys(("date", "datum", "fecha", "data"), 1),
    **dict.fromkeys(("total", "subtotal", "amount", "sum", "summe", "betrag", "gesamtbetrag", "gesamtsumme"), 1),
    **dict.fromkeys(("price", "balance", "saldo", "importe", "montant", "totale", "totaal"), 1),
}
_LONGEST_IBAN = 40  # letters and digits, with its label
FINE = Judged(Support.PAGE, 1.0)  # of a page of which nothing is asked


@dataclass(frozen=True, slots=True)
class PageReply:
    """What one page said to the question."""

    document_id: str
    page: int
    result: Mapping[str, Any]  # as the item keeps it
    judged: Judged = FINE


def choose_answer(
    replies: Sequence[PageReply],
    names: Mapping[str, str],
    threshold: float,
    not_looked_at: int,
    failed: int = 0,
    *,
    about: About | None = None,
    searched: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The job's result: the likeliest text, where pages that say the same support each other.

    Under the threshold nothing is answered, and what was read stands among the alternatives. `names` are the documents'
    names by id; `failed` pages gave no reply at all.
    """
    counting = [reply for reply in replies if reply.result.get("text") and _counts(reply, about or About())]
    groups = ranked_texts([(_reading(reply), _weight(reply.judged)) for reply in counting])
    entries = [_entry(group[0], names) for group in groups]
    sure = bool(entries) and (entries[0]["confidence"] is None or entries[0]["confidence"] >= threshold)
    best, others = (entries[0], entries[1:]) if sure else (_nothing(), entries)
    supporters = groups[0][1 : MOST_SUPPORTERS + 1] if sure else []
    unreadable = failed + sum("reason" in reply.result for reply in replies)
    return best | {
        "state": "found" if sure else "not_found",
        "kind": "read",
        "supported_by": [_evidence(reading, names) for reading in supporters],
        "alternatives": others[:MOST_ALTERNATIVES],
        "pages_looked_at": len(replies),
        "pages_unreadable": unreadable,
        "not_looked_at": not_looked_at,
        "looked_at": [_place(reply, names) for reply in replies[:MOST_SHOWN]],
        "searched": dict(searched or {"words": [], "pages": 0, "unread": 0}),
    }


def _counts(reply: PageReply, about: About) -> bool:
    """Whether what a page said may be an answer to the question."""
    if reply.judged.support is Support.NONE:
        return False
    text = str(reply.result["text"])
    said = set(words_of(text))
    repeats = bool(said) and said <= about.every and bool(about.subjects or about.words) and not about.either
    return not repeats and _can_be(text, about)


def _can_be(text: str, about: About) -> bool:
    """Whether a text may be a thing of the kind that is asked."""
    asked = about.fields[0] if about.fields else "date" if about.is_of_time and not about.subjects else ""
    if asked in {"email", "mail"}:
        return "@" in text
    if asked == "iban" and sum(map(str.isalnum, text)) > _LONGEST_IBAN:
        return False
    least = _LEAST_DIGITS.get(asked, 0)
    return sum(c.isdigit() for c in text) >= least or any(month_of(word) or is_weekday(word) for word in words_of(text))


def _weight(judged: Judged) -> float:
    return _WEIGHTS[judged.support] * (_WITHOUT_WORDS + (1 - _WITHOUT_WORDS) * judged.share)


def _reading(reply: PageReply) -> Reading:
    said = reply.result
    return Reading(str(said["text"]), said.get("confidence"), reply.document_id, reply.page, _box(said.get("box")))


def _entry(reading: Reading, names: Mapping[str, str]) -> dict[str, Any]:
    return {"text": reading.text, "confidence": reading.confidence, "evidence": _evidence(reading, names)}


def _evidence(reading: Reading, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "document": reading.document_id,
        "document_name": names.get(reading.document_id),
        "page": reading.page,
        "box": reading.box.as_list() if reading.box else None,
    }


def _place(reply: PageReply, names: Mapping[str, str]) -> dict[str, Any]:
    return {"document": reply.document_id, "document_name": names.get(reply.document_id), "page": reply.page}


def _nothing() -> dict[str, Any]:
    return {"text": None, "confidence": None, "evidence": None}


def _box(sides: Iterable[float] | None) -> Box | None:
    return None if sides is None else Box(*sides)
