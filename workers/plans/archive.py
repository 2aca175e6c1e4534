"""How many documents and pages there are: counted in the database, whatever was read of them or not.

Understood are questions that name nothing else: by state, and by the days of upload. As everywhere, a question any
word of which is not understood is left to others.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.records import DocumentState, PageState
from storage.archive_counts import Counted, count_archive
from storage.database import Session
from workers.plans import lexicon
from workers.plans.dating import Dating
from workers.plans.lexicon import longest, phrases, words_in
from workers.plans.marks import On
from workers.plans.plan import Intent
from workers.plans.reading import Token, tokens_of
from workers.plans.words import counted

Json = dict[str, Any]
_Phrases = tuple[tuple[str, ...], ...]

_ASKS = (
    *lexicon.INTENTS[Intent.COUNT],
    *phrases("what is the number of, what is the total number of, wie viel, wie gross ist die anzahl der"),
)
_DOCUMENTS = phrases(
    "document, documents, file, files, pdf, pdfs, pdf files, uploads, dokument, dokumente, dokumenten, datei, dateien"
)
_PAGES = phrases("page, pages, seite, seiten")
_UPLOADED = phrases(
    "uploaded, were uploaded, added, were added, imported, arrived, came in, upload, hochgeladen, dazugekommen"
)
_FILL = lexicon.GLUE | words_in(
    "there stored kept currently now so far vorhanden gespeichert derzeit momentan bisher da"
)
_STATES: Mapping[str, _Phrases] = {
    DocumentState.READY: phrases("ready, that are ready, fertig, bereit"),
    DocumentState.FAILED: phrases(
        "failed, that failed, broken, damaged, could not be drawn, could not be opened, that could not be drawn",
        "fehlgeschlagen, fehlgeschlagene, beschadigt, beschadigte, defekt, defekte",
    ),
    DocumentState.NEEDS_PASSWORD: phrases(
        "password protected, password-protected, protected by a password, encrypted, locked, need a password",
        "needs a password, that need a password, waiting for a password, wait for a password, passwortgeschutzt",
        "passwortgeschutzte, verschlusselt, verschlusselte, gesperrt, gesperrte",
    ),
    DocumentState.RASTERIZING: phrases("being drawn, are being drawn, not drawn yet, pending"),
}
_CALLED: Mapping[str, str] = {
    DocumentState.READY: "ready",
    DocumentState.FAILED: "failed",
    DocumentState.NEEDS_PASSWORD: "waiting for a password",
    DocumentState.RASTERIZING: "being drawn",
    PageState.WAITING: "not drawn yet",
}
_OF_PAGES: Mapping[str, str] = {
    DocumentState.READY: PageState.READY,
    DocumentState.FAILED: PageState.FAILED,
    DocumentState.RASTERIZING: PageState.WAITING,
}
_BY: Mapping[str, _Phrases] = {
    "state": phrases("by state, per state, by status, per status, nach status, je status, nach zustand"),
    "day": phrases(
        "by day, per day, each day, by date, by date of upload, by upload date, by day of upload, per upload date",
        "pro tag, je tag, nach tag, nach datum, nach tagen",
    ),
    "month": phrases("by month, per month, each month, by month of upload, pro monat, je monat, nach monat"),
    "year": phrases("by year, per year, each year, by year of upload, pro jahr, je jahr, nach jahr"),
}
_DIGITS = {"day": 10, "month": 7, "year": 4}  # of YYYY-MM-DD
_MOST_GROUPS = 12  # that the text lists


@dataclass
class _Meant:
    """What a question asks for."""

    things: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    by: str | None = None
    days: On | None = None
    asks: bool = False
    uploaded: bool = False


@dataclass(frozen=True, slots=True)
class ArchiveAnswer:
    """How many there are, in words that say what was counted."""

    text: str
    plan: Json

    def result(self) -> Json:
        """The result of the question's job."""
        nothing: Json = {"confidence": None, "evidence": None, "alternatives": [], "supported_by": [], "looked_at": []}
        looked = {"pages_looked_at": 0, "pages_unreadable": 0, "not_looked_at": 0}
        searched = {"words": [], "pages": 0, "unread": 0}
        said = {"state": "found", "kind": "exact", "text": self.text, "plan": self.plan}
        return {**nothing, **looked, "searched": searched, **said}


def archive_answer(
    session: Session, workspace_id: str, question: str, document_ids: Collection[str] | None, today: dt.date
) -> ArchiveAnswer | None:
    """The number of documents, of pages, or of both; None where the question asks for anything else.

    Days are those of the upload, in UTC.
    """
    meant = _meaning(tokens_of(question), today)
    if meant is None:
        return None
    ids = None if document_ids is None else sorted(document_ids)
    first, last = (meant.days.first, meant.days.last) if meant.days else (None, None)
    apart = bool(meant.states) or meant.by == "state"
    found = count_archive(session, workspace_id, ids, first, last, pages_by_state=apart and "pages" in meant.things)
    return _Teller(meant, found, narrowed=ids is not None).answer()


def _meaning(tokens: Sequence[Token], today: dt.date) -> _Meant | None:
    """What the words say together; None where one of them says something else."""
    words = [token.word for token in tokens]
    meant, at = _Meant(), 0
    while at < len(words):
        taken = 0 if tokens[at].quoted or tokens[at].own else _take(meant, tokens, words, at, today)
        if not taken:
            return None
        at += taken
    return meant if _is_whole(meant) else None


def _is_whole(meant: _Meant) -> bool:
    """Days are those of an upload only where the question says so: papers have days of their own."""
    counts = meant.asks and meant.things and len(set(meant.things)) == len(meant.things)
    dated = meant.days is None or meant.uploaded
    drawn = "pages" not in meant.things or all(state in _OF_PAGES for state in meant.states)
    return bool(counts and dated and drawn)


def _take(meant: _Meant, tokens: Sequence[Token], words: Sequence[str], at: int, today: dt.date) -> int:
    """How many words from here on say one thing, which is written down; 0: they say nothing that is known."""
    rest = words[at:]
    ways: list[tuple[int, Callable[[], None]]] = [
        (0 if meant.asks else longest(_ASKS, rest), lambda: setattr(meant, "asks", True)),
        (longest(_DOCUMENTS, rest), lambda: meant.things.append("documents")),
        (longest(_PAGES, rest), lambda: meant.things.append("pages")),
        (longest(_UPLOADED, rest), lambda: setattr(meant, "uploaded", True)),
        *((longest(said, rest), _keep(meant.states, state)) for state, said in _STATES.items()),
        *((longest(said, rest), _set_by(meant, by)) for by, said in _BY.items() if meant.by is None),
    ]
    dated = Dating(tokens, words, today).dated(at) if meant.days is None else None
    if dated is not None and isinstance(dated[0], On):
        ways.append((dated[1], _set_days(meant, dated[0])))
    length, write = max(ways, key=lambda way: way[0])
    if length:
        write()
        return length
    joins = rest[0] in {"and", "und", "&"} and bool(meant.things)
    return max(longest(lexicon.IN_ALL, rest), longest(lexicon.IS_THERE, rest), int(joins or rest[0] in _FILL))


def _keep(states: list[str], state: str) -> Callable[[], None]:
    return lambda: states.append(state)


def _set_by(meant: _Meant, by: str) -> Callable[[], None]:
    return lambda: setattr(meant, "by", by)


def _set_days(meant: _Meant, days: On) -> Callable[[], None]:
    return lambda: setattr(meant, "days", days)


@dataclass(frozen=True, slots=True)
class _Teller:
    """Tells what was counted."""

    meant: _Meant
    found: Counted
    narrowed: bool

    def answer(self) -> ArchiveAnswer:
        numbers = {thing: sum(self._of(thing).values()) for thing in self.meant.things}
        said = " and ".join(counted(number, thing[:-1], thing) for thing, number in numbers.items())
        words = f"Number of {' and '.join(self.meant.things)}{self._which()}"
        groups = [group for thing in self.meant.things for group in self._groups(thing)]
        text = " ".join([f"{said}.", *self._listed(groups), f"{words}.", *self._explained()])
        number = next(iter(numbers.values())) if len(numbers) == 1 else None
        return ArchiveAnswer(text, self._plan(words, number, groups or self._each(numbers)))

    def _of(self, thing: str) -> Counter[tuple[str, str]]:
        """The counts of the documents or pages that are meant."""
        if thing == "documents":
            states = set(self.meant.states)
            return Counter({key: n for key, n in self.found.documents.items() if not states or key[0] in states})
        drawn = {_OF_PAGES[state] for state in self.meant.states}
        return Counter({key: n for key, n in self.found.pages.items() if not drawn or key[0] in drawn})

    def _which(self) -> str:
        called = " or ".join(_CALLED[state] for state in self.meant.states)
        days = _days_in_words(self.meant.days)
        by = f" by {self.meant.by}" if self.meant.by else ""
        of = " among those that the question is about" if self.narrowed else ""
        return f"{f' that are {called}' if called else ''}{f', uploaded {days},' if days else ''}{by}{of}".rstrip(",")

    def _groups(self, thing: str) -> list[Json]:
        if self.meant.by is None:
            return []
        together: Counter[str] = Counter()
        for (state, day), number in self._of(thing).items():
            is_state = self.meant.by == "state"
            together[_CALLED.get(state, state) if is_state else day[: _DIGITS[self.meant.by]]] += number
        several = len(self.meant.things) > 1
        return [_group(f"{thing}, {key}" if several else key, n) for key, n in sorted(together.items())]

    def _each(self, numbers: Mapping[str, int]) -> list[Json]:
        return [_group(thing, number) for thing, number in numbers.items()] if len(numbers) > 1 else []

    def _listed(self, groups: Sequence[Json]) -> list[str]:
        shown = [f"{group['key']}: {group['count']:,}" for group in groups[:_MOST_GROUPS]]
        more = f"; and {len(groups) - len(shown):,} more" if len(groups) > len(shown) else ""
        return [f"{'; '.join(shown)}{more}."] if shown else []

    def _explained(self) -> list[str]:
        """What a document is here, and what cannot be counted."""
        said = []
        if "documents" in self.meant.things:
            said.append("A file that was uploaded several times counts once.")
            if not self.meant.states and self.meant.by is None:
                said += self._states()
        if "pages" in self.meant.things and self.found.unknown:
            locked = counted(self.found.unknown, "document that needs a password", "documents that need a password")
            said.append(f"Not counted: the pages of {locked}.")
        return said

    def _states(self) -> list[str]:
        """Of documents that are not all ready, how many are what."""
        together: Counter[str] = Counter()
        for (state, _), number in self.found.documents.items():
            together[_CALLED[state]] += number
        if not together or set(together) == {_CALLED[DocumentState.READY]}:
            return []
        return [f"Of these {', '.join(f'{number:,} {state}' for state, number in sorted(together.items()))}."]

    def _plan(self, words: str, number: int | None, groups: list[Json]) -> Json:
        return {
            "words": words,
            "schema": None,
            "version": None,
            "intent": "per" if self.meant.by else "count",
            "where": None,
            "number": number,
            "typed": number,
            "currency": None,
            "groups": groups,
            "rows": 0,
            "left_out": {"unsure": 0, "missing": 0, "unreadable": 0},
            "citations": [],
            "unsure": [],
            "missing": [],
            "offer": None,
        }


def _group(key: str, number: int) -> Json:
    return {"key": key, "number": number, "typed": number, "currency": None, "count": number}


def _days_in_words(days: On | None) -> str:
    if days is None:
        return ""
    if days.first == days.last:
        return f"on {days.first}"
    if days.first is None:
        return f"until {days.last}"
    return f"since {days.first}" if days.last is None else f"from {days.first} to {days.last}"
