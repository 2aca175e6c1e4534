"""Names of people, companies, documents and whatever else records hold, where a question says one.

A name is what some record has: a question about anybody else is not understood, but for what looks like a name behind
`from` or `for`, which may be told to be unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from storage import cited
from storage.filters import Op
from storage.subjects import Subject
from workers.plans import lexicon
from workers.plans.amounts import currency_at
from workers.plans.lexicon import PARTIES_FROM, PARTIES_TO, longest
from workers.plans.marks import Unknown, Where
from workers.plans.names import LONGEST_NAME, Match, Names
from workers.plans.plan import Condition
from workers.plans.reading import Token, stem_of
from workers.plans.vocabulary import Vocabulary
from workers.typed.folding import bare
from workers.typed.months import month_of

_FILES = (".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff")
_ARTICLES = frozenset({"the", "der", "die", "dem", "den", "firma"})
_JOINTS = lexicon.OR | {"&"}
_ASIDE = lexicon.words_in("we i you us our")
_MOST_SHOWN = 5  # names that a note lists


@dataclass(frozen=True, slots=True)
class Naming:
    """The names of one question under one schema. With `lenient`, unknown ones are told as such."""

    tokens: Sequence[Token]
    vocabulary: Vocabulary
    names: Names
    workspace_id: str
    lenient: bool = False

    def named(self, at: int) -> tuple[Where | Unknown, int] | None:
        """Somebody behind a preposition or before a genitive; the longest name that records have."""
        special: tuple[Where | Unknown, int] | None = self._genitive(at) or self._paid(at)
        if special is not None:
            return special
        words = ["" if token.quoted else token.word for token in self.tokens[at:]]
        if (said := longest(lexicon.ABOUT, words)) and (found := self._about(at, said)):
            return found
        for said, subjects in self._behind(words):
            run = self._run(at + said, subjects)
            if run is not None:
                return run[0], run[1] - at
        return None

    def value_of(self, subject: Subject, at: int) -> tuple[Where, int] | None:
        """The longest text from a word on that records have under a field, and the word behind it."""
        return self._longest(at, [subject])

    def number(self, text: str) -> Where | None:
        """The one document of this number."""
        matches = [m for m in self.names.find(self.vocabulary.numbers_of_documents(), text) if m.how == "exact"]
        return Where(matches[0].condition, one=True) if len(matches) == 1 else None

    def document(self, text: str) -> Where | None:
        """The document that was sent under this name."""
        if not text.lower().endswith(_FILES) or not cited.has_document(self.names.session, self.workspace_id, text):
            return None
        return Where(Condition("@document", Op.EQUALS, (text,)), one=True)

    def _behind(self, words: Sequence[str]) -> list[tuple[int, list[Subject]]]:
        """The fields where a name behind these words may stand."""
        parties = self.vocabulary.texts([*PARTIES_FROM, *PARTIES_TO])
        ways: list[tuple[int, list[Subject]]] = []
        for said, concepts in ((lexicon.FROM, PARTIES_FROM), (lexicon.TO, PARTIES_TO)):
            if n := longest(said, words):
                ways.append((n, self.vocabulary.texts(concepts) if parties else self.vocabulary.texts()))
        if n := longest(lexicon.OF, words):
            others = [s for s in self.vocabulary.texts() if s not in parties]
            of_party = words[0] in {"of", "der", "des"} and parties
            ways.append((n, parties if of_party else others if words[0] == "in" else self.vocabulary.texts()))
        sent = (lexicon.BILLED | lexicon.SENT) & set(words)
        if words[0] in {"did", "has", "have", "hat"} and sent and not _ASIDE & set(words[1:2]):
            ways.append((1, self.vocabulary.texts(PARTIES_FROM)))
        return ways

    def _paid(self, at: int) -> tuple[Where | Unknown, int] | None:
        """Whom we paid: `we paid Acme`, `we spent at Acme`."""
        if at == 0 or self.tokens[at - 1].word not in lexicon.WE or self.tokens[at].word not in lexicon.SPENT:
            return None
        skip = 2 if self.tokens[at + 1 : at + 2] and self.tokens[at + 1].word in {"to", "at", "bei", "an"} else 1
        found = self._run(at + skip, self.vocabulary.texts(PARTIES_FROM))
        return found and (replace(found[0], paid=True) if isinstance(found[0], Where) else found[0], found[1] - at)

    def _about(self, at: int, said: int) -> tuple[Where, int] | None:
        """What letters are about: all that have it in their subject."""
        subjects = self.vocabulary.texts(("subject",))
        for end in range(min(at + said + LONGEST_NAME, len(self.tokens)), at + said, -1):
            some = self.tokens[at + said : end]
            if all(is_common(token.word, self.vocabulary) and not token.quoted for token in some):
                continue
            text = self._text(at + said, end)
            if subjects and self.names.find(subjects, text):
                return Where(Condition(subjects[0].field, Op.CONTAINS, (text,))), end - at
        return None

    def _genitive(self, at: int) -> tuple[Where, int] | None:
        for end in range(at + 1, min(at + LONGEST_NAME, len(self.tokens)) + 1):
            if self.tokens[end - 1].own:
                subjects = self.vocabulary.texts([*PARTIES_FROM, *PARTIES_TO]) or self.vocabulary.texts()
                where = self._where(subjects, at, end)
                return None if where is None else (where, end - at)
        return None

    def _run(self, at: int, subjects: list[Subject]) -> tuple[Where | Unknown, int] | None:
        if not subjects:
            return None
        starts = [at, at + 1] if at < len(self.tokens) and self.tokens[at].word in _ARTICLES else [at]
        for start in starts:
            found = self._longest(start, subjects)
            if found is not None:
                return self._with_more(found, subjects)
        if self.lenient:
            end = self._end_of_name(at)
            if end > at and not self.names.find(subjects, self._text(at, end)):
                return Unknown(subjects[0], self._text(at, end)), end
        return None

    def _longest(self, at: int, subjects: Sequence[Subject]) -> tuple[Where, int] | None:
        for near in (False, True):
            for end in range(min(at + LONGEST_NAME, len(self.tokens)), at, -1):
                where = self._where(subjects, at, end, near=near)
                if where is not None:
                    return where, end
        return None

    def _with_more(self, found: tuple[Where, int], subjects: Sequence[Subject]) -> tuple[Where, int]:
        """`from Acme or Bolt` is both, where both are names under the same field."""
        where, end = found
        while end + 1 < len(self.tokens) and (self.tokens[end].word in _JOINTS or self.tokens[end].text == "&"):
            more = self._longest(end + 1, [s for s in subjects if s.field == where.condition.field])
            if more is None:
                break
            values = tuple(sorted({*where.condition.values, *more[0].condition.values}))
            notes = " ".join(note for note in (where.note, more[0].note) if note) or None
            where, end = Where(Condition(where.condition.field, Op.IN, values), notes, party=True), more[1]
        return where, end

    def _where(self, subjects: Sequence[Subject], at: int, end: int, *, near: bool = False) -> Where | None:
        """The one field under which these words are a name."""
        some = self.tokens[at:end]
        plain = not any(token.quoted for token in some)
        common = plain and all(is_common(token.word, self.vocabulary) for token in some)
        if common and (near or len(some) == 1 or not some[0].text[:1].isupper()):
            return None
        matches = self.names.find(subjects, self._text(at, end), near=near)
        if common:  # Store 12 is somebody where that is all of the name
            matches = [match for match in matches if match.how == "exact"]
        if not any(token.quoted or token.text[:1].isupper() for token in some):  # any word may be, so the whole name is
            begun = bare(self._text(at, end))
            matches = [m for m in matches if m.how == "exact" or all(bare(t.shown).startswith(begun) for t in m.texts)]
            matches = [m for m in matches if m.how != "near"]
        exact = [match for match in matches if match.how == "exact"]
        best = exact or matches
        return Where(best[0].condition, _note(best[0]), party=True) if len(best) == 1 else None

    def _text(self, at: int, end: int) -> str:
        return " ".join(token.text for token in self.tokens[at:end])

    def _end_of_name(self, at: int) -> int:
        """Behind the words that look like a name: in quotes, or with capitals."""
        end = at
        while end < len(self.tokens):
            token = self.tokens[end]
            if token.quoted:
                return end + 1 if end == at else end
            capital = token.text[:1].isupper() and not is_common(token.word, self.vocabulary)
            capital = capital and not currency_at(self.tokens, end)[1]
            inside = end > at and token.word in {"of", "and", "", "von", "de", "und"}
            after = self.tokens[end + 1] if end + 1 < len(self.tokens) else None
            going_on = inside and after is not None and after.text[:1].isupper()
            if not (capital or going_on):
                return end
            end += 1
        return end


def _note(match: Match) -> str | None:
    """What is to be told of how a name was found."""
    name = match.subject.field
    shown = ", ".join(text.shown for text in match.texts[:_MOST_SHOWN])
    more = f" and {len(match.texts) - _MOST_SHOWN} more" if len(match.texts) > _MOST_SHOWN else ""
    if match.how == "near":
        return f"No {name} is {match.said!r}; {shown}{more} is taken for it."
    if match.how == "contains" and len(match.texts) > 1:
        return f"{match.said!r} stands in {len(match.texts)} names: {shown}{more}."
    if match.others:
        others = ", ".join(match.others[:_MOST_SHOWN])
        return f"Not meant are names that only contain {match.said!r}: {others}."
    if match.how == "exact" and len(match.texts) > 1:
        return f"{match.said!r} is written in {len(match.texts)} ways: {shown}{more}."
    return None


def is_common(word: str, vocabulary: Vocabulary) -> bool:
    """Whether a word is one that questions are made of, so that it alone is nobody's name."""
    if word.isdecimal() or not word:
        return True
    if word in _common_words() or any(stem_of(word) in phrase for phrase in vocabulary.nouns):
        return True
    month = month_of(word)
    return (month is not None and month.whole) or any(stem_of(word) in phrase for phrase in vocabulary.phrases)


@cache
def _common_words() -> frozenset[str]:
    known = [*lexicon.INTENTS.values(), *lexicon.BOUNDS.values(), *lexicon.CUTS.values(), *lexicon.NOUNS.values()]
    known += [lexicon.EARLIEST, lexicon.LATEST, lexicon.IN_ALL, lexicon.EACH, lexicon.FROM, lexicon.TO, lexicon.OF]
    known += [lexicon.HAVING, lexicon.LACKING, lexicon.DOCUMENTS, lexicon.PAGES, lexicon.IS, lexicon.TOTAL]
    words = {word for phrases in known for phrase in phrases for word in phrase}
    return frozenset(words | lexicon.GLUE | lexicon.WRITTEN | lexicon.BILLED | lexicon.SPENT | lexicon.UNITS)
