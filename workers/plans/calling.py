"""What a question calls by name: documents, rows of tables, fields and their values, currencies."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from core.records import FieldKind
from storage.filters import Op
from storage.wanted import TableField
from workers.plans import lexicon
from workers.plans.amounts import currency_at
from workers.plans.bounding import Bounding
from workers.plans.lexicon import longest
from workers.plans.marks import In, Mark, Mention, Noun, RowsOf, Total, Where
from workers.plans.naming import Naming
from workers.plans.plan import AMOUNTS, Condition
from workers.plans.reading import Token, words_of
from workers.plans.vocabulary import Vocabulary

_T = TypeVar("_T")

_LONGEST_PHRASE = 6  # words of a field's or a schema's name
_SUMMED = frozenset({"total", "sum", "combined", "gesamtbetrag", "gesamtsumme", "summe", "rechnungssumme"})
_PLURALS = lexicon.words_in("rechnungen belege quittungen briefe briefen formulare kontoauszuge kassenbons")


@dataclass
class Calling:
    """The names in one question, under the words of one schema."""

    tokens: Sequence[Token]
    words: Sequence[str]
    vocabulary: Vocabulary
    naming: Naming
    continental: bool  # a point parts thousands

    def __post_init__(self) -> None:
        """What is the same at every word."""
        self.bounding = Bounding(self.tokens, self.words, self.continental, self.counts)
        self.table = self._table()

    def path(self, at: int) -> tuple[Mark, int] | None:
        """A field by its path: `line_items.amount`."""
        subject = self.vocabulary.fields.get(self.tokens[at].text)
        plain = subject is not None and "_" not in subject.field and "." not in subject.field
        return None if subject is None or plain else (Mention(subject), 1)

    def document(self, at: int) -> tuple[Mark, int] | None:
        """A document by its file's name, with a preposition or the schema's noun before it."""
        skip = 1 if self.words[at] in {"in", "of", "on", "from", "for", "document", "file", "von", "aus"} else 0
        return self._file(at + skip, skip) or self._file(at + skip + 1, skip + 1)

    def _file(self, at: int, skip: int) -> tuple[Mark, int] | None:
        if at >= len(self.tokens) or (skip == 2 and self.words[at - 1] not in {"the", "document", "file"}):  # noqa: PLR2004 - words before the name
            return None
        where = self.naming.document(self.tokens[at].text)
        return None if where is None else (where, skip + 1)

    def rows(self, at: int) -> tuple[Mark, int] | None:
        """Rows of a table by one of its names."""
        found = self.longest(at, self.vocabulary.tables.get)
        return found and (RowsOf(found[0]), found[1])

    def noun(self, at: int) -> tuple[Mark, int] | None:
        """The schema's noun, and the number of one of its documents behind it."""
        found = self.longest(at, lambda phrase: phrase in self.vocabulary.nouns or None)
        if found is None or self.tokens[at + found[1] - 1].own:  # the invoice's is about something else of it
            return None
        length = found[1]
        last = at + length - 1
        numbered = self._numbered(at + length)
        if numbered is not None:
            return numbered[0], length + numbered[1]
        alike = self.tokens[last].word == self.tokens[last].stem
        return Noun(one=alike and self.words[last] not in _PLURALS), length

    def _numbered(self, at: int) -> tuple[Where, int] | None:
        skip = 0
        while at + skip < len(self.words) and self.words[at + skip] in lexicon.NUMBER_OF | {""} and skip < 2:  # noqa: PLR2004 - `invoice no. #7`
            skip += not self.tokens[at + skip].quoted
            if self.tokens[at + skip - 1].quoted or skip == 0:
                break
        if at + skip >= len(self.tokens) or not any(c.isdecimal() for c in self.tokens[at + skip].text):
            return None
        where = self.naming.number(self.tokens[at + skip].text)
        return None if where is None else (where, skip + 1)

    def total(self, at: int) -> tuple[Mark, int] | None:
        """The word total, which names a field or a sum."""
        n = longest(lexicon.TOTAL, self.words[at:])
        return (Total(many=self.words[at + n - 1] == "totals"), n) if n else None

    def mention(self, at: int) -> tuple[Mark, int] | None:
        """A field by a name, and where it is a text the value behind it: `customer Acme`, `payment method is Visa`."""
        found = self.longest(at, lambda phrase: self.vocabulary.field_called(phrase, self.table))
        if found is None:
            return None
        subject, length = found
        if subject.kind not in AMOUNTS and subject.kind not in {FieldKind.DATE, FieldKind.BOOLEAN}:
            behind = at + length
            behind += longest(lexicon.IS, self.words[behind:])
            other = longest(lexicon.NOT, self.words[behind:])
            valued = self.naming.value_of(subject, behind + other)
            if valued is not None:
                condition = replace(valued[0].condition, negated=other > 0)
                return replace(valued[0], condition=condition), valued[1] - at
        elif subject.kind is FieldKind.MONEY and (exact := self.bounding.exactly(at + length)):
            return Where(Condition(subject.field, Op.EQUALS, exact[0].values, exact[0].currency)), length + exact[1]
        last = self.tokens[at + length - 1]
        return Mention(subject, summed=self.words[at] in _SUMMED, many=last.word != last.stem), length

    def choice(self, at: int) -> tuple[Mark, int] | None:
        """A value of a choice, or a truth value, said as an adjective: `open`, `paid`, `unpaid`."""
        word = self.words[at]
        if not word:
            return None
        meant: list[Condition] = []
        for path, subject in self.vocabulary.fields.items():
            if subject.kind is FieldKind.CHOICE and not subject.cell:
                chosen = [choice for choice in subject.choices if words_of(choice) == words_of(word)]
                meant += [Condition(path, Op.EQUALS, (choice,)) for choice in chosen]
            if subject.kind is FieldKind.BOOLEAN and not subject.cell and words_of(word) == ("un" + path.lower(),):
                meant.append(Condition(path, Op.EQUALS, ("false",)))
        return (Where(meant[0]), 1) if len(meant) == 1 else None

    def currency(self, at: int) -> tuple[Mark, int] | None:
        """Amounts in one currency alone."""
        skip = 1 if self.words[at] in {"in", "of"} else 0
        code, length = currency_at(self.tokens, at + skip)
        return (In(code), skip + length) if code else None

    def longest(self, at: int, find: Callable[[tuple[str, ...]], _T | None]) -> tuple[_T, int] | None:
        """The longest phrase from a word on that means something."""
        for length in range(min(_LONGEST_PHRASE, len(self.tokens) - at), 0, -1):
            some = self.tokens[at : at + length]
            if any(token.quoted for token in some) or any(token.own for token in some[:-1]):
                continue
            found = find(words_of(" ".join(token.word for token in some)))
            if found is not None:
                return found, length
        return None

    def _table(self) -> TableField | None:
        """The table that the question speaks of, so that its columns go first."""
        for at in range(len(self.tokens)):
            found = self.longest(at, self.vocabulary.tables.get)
            if found is not None:
                return found[0]
            subject = self.vocabulary.fields.get(self.tokens[at].text)
            if subject is not None and subject.cell:
                return next(t for t in self.vocabulary.wanted.tables if subject.field.startswith(t.path + "."))
        return None

    def counts(self, at: int) -> bool:
        """Whether things begin here that a number may count."""
        return bool(self.noun(at) or self.rows(at) or self.mention(at))
