"""Names in questions against those that records have: the same, a part of it, or so near that it can be no other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from storage import cited
from storage.cited import Text
from storage.database import Session
from storage.filters import Op
from storage.record_values import fold
from storage.subjects import Subject
from workers.plans.lexicon import words_in
from workers.plans.plan import Condition
from workers.typed.folding import bare

MOST_TEXTS = 5_000  # different ones of a field that are gone through
MOST_NAMES = 100  # that one condition lists
LONGEST_NAME = 8  # words
NEAR = 0.88  # how alike a name has to be that nobody has
_SHORTEST_NEAR = 6  # letters of a name that may be misspelt
# Forms of companies, which people leave out.
FORMS = words_in(
    "ag gmbh mbh kg kgaa ohg gbr ug ltd limited llc llp inc incorporated corp corporation co company plc sa sarl sas "
    "srl spa bv nv ab oy as aps oyj sl sro doo kft pty e k ek ev se group holding"
)


@dataclass(frozen=True, slots=True)
class Match:
    """Names that records have and that a question means, all under one field."""

    subject: Subject
    texts: tuple[Text, ...]
    said: str  # as the question says it
    how: str  # exact, contains, near
    others: tuple[str, ...] = ()  # names that have it as a part and are not meant

    @property
    def condition(self) -> Condition:
        """As a comparison of a filter."""
        folded = tuple(sorted({text.folded for text in self.texts}))
        if len(folded) == 1:
            return Condition(self.subject.field, Op.EQUALS, folded)
        return Condition(self.subject.field, Op.IN, folded)


@dataclass(frozen=True, slots=True)
class _Known:
    """A text of a field, ready to be compared."""

    text: Text
    bare: str
    core: str  # without the form of a company


@dataclass(slots=True)
class Names:
    """The texts of fields in some schema versions, read from the database once for each field."""

    session: Session
    schema_ids: Sequence[str]
    known: dict[str, list[_Known] | None] = field(default_factory=dict)

    def find(self, subjects: Iterable[Subject], said: str, *, near: bool = False) -> list[Match]:
        """What the name means under each of the fields that have it at all; `near` takes it as misspelt."""
        search = self._near if near else self._under
        return [match for subject in subjects if (match := search(subject, said)) is not None]

    def shown(self, name: str) -> list[Text]:
        """The texts of a field as they were read; none where they are too many."""
        return [known.text for known in self.texts(name) or ()]

    def texts(self, name: str) -> list[_Known] | None:
        """All texts of a field; None where they are too many."""
        if name not in self.known:
            texts = cited.list_texts(self.session, self.schema_ids, name, MOST_TEXTS)
            self.known[name] = (
                None if texts is None else [_Known(text, bare(text.shown), core_of(text.shown)) for text in texts]
            )
        return self.known[name]

    def _under(self, subject: Subject, said: str) -> Match | None:
        texts, plain, core = self.texts(subject.field), bare(said), core_of(said)
        folded = fold(said, subject.kind)
        if texts is None:
            there = bool(folded) and cited.has_text(self.session, self.schema_ids, subject.field, folded)
            return Match(subject, (Text(folded, said, 1),), said, "exact") if there else None
        if not plain:
            return None
        same = [known for known in texts if known.text.folded == folded or known.bare == plain]
        same = same or [known for known in texts if known.core == core and _forms_agree(known, plain, core)]
        within = [known for known in texts if known not in same and f" {plain} " in f" {known.bare} "]
        if same:
            return _match(subject, same, said, "exact", tuple(known.text.shown for known in within))
        return _match(subject, within, said, "contains") if within else None

    def _near(self, subject: Subject, said: str) -> Match | None:
        """The one name that differs by so little that it is misspelt; figures never differ."""
        core = core_of(said)
        if len(core.replace(" ", "")) < _SHORTEST_NEAR:
            return None
        alike: dict[str, list[_Known]] = {}
        for known in self.texts(subject.field) or ():
            if abs(len(known.core) - len(core)) <= 2 and _figures(known.core) == _figures(core):  # noqa: PLR2004 - letters
                ratio = SequenceMatcher(None, core, known.core, autojunk=False).ratio()
                if ratio >= NEAR and _forms_agree(known, bare(said), core):
                    alike.setdefault(known.core, []).append(known)
        return _match(subject, next(iter(alike.values())), said, "near") if len(alike) == 1 else None


def _match(
    subject: Subject, found: Sequence[_Known], said: str, how: str, others: tuple[str, ...] = ()
) -> Match | None:
    texts = tuple(known.text for known in found)
    return Match(subject, texts, said, how, others) if len(texts) <= MOST_NAMES else None


def core_of(name: str) -> str:
    """A name without the form of the company at its end."""
    words = bare(name).split()
    while len(words) > 1 and words[-1] in FORMS:
        words.pop()
    return " ".join(words)


def _forms_agree(known: _Known, plain: str, core: str) -> bool:
    """Acme is Acme Ltd, but Acme GmbH is not."""
    return plain == core or known.bare == known.core or plain.removeprefix(core) == known.bare.removeprefix(known.core)


def _figures(text: str) -> str:
    return "".join(c for c in text if c.isdecimal())
