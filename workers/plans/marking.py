"""Finds what each word of a question says; a question with one word that says nothing known is not understood."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from core.records import FieldKind
from storage.filters import Op
from storage.sums import Cut
from storage.wanted import TableField
from workers.plans import lexicon
from workers.plans.amounts import amount_at, currency_at
from workers.plans.dating import Dating
from workers.plans.lexicon import longest
from workers.plans.marks import (
    Asks,
    Bound,
    Different,
    Group,
    In,
    Joint,
    Limit,
    Mark,
    Mention,
    Nothing,
    Noun,
    Placed,
    RowsOf,
    Total,
    Verb,
    Where,
)
from workers.plans.naming import Naming
from workers.plans.plan import AMOUNTS, Condition, Intent
from workers.plans.reading import Token, words_of
from workers.plans.vocabulary import Vocabulary

_T = TypeVar("_T")

_LONGEST_PHRASE = 6  # words of a field's or a schema's name
_SUMMED = frozenset({"total", "sum", "combined", "gesamtbetrag", "gesamtsumme", "summe", "rechnungssumme"})
_BY = lexicon.words_in("by nach grouped group broken split gruppiert aufgeteilt")
_PLURALS = lexicon.words_in("rechnungen belege quittungen briefe briefen formulare kontoauszuge kassenbons")
_GERMAN = lexicon.words_in("wie viele wieviele summe anzahl welche der das den von im und rechnungen rechnung fur uber")


@dataclass
class Marker:
    """One question under the words of one schema."""

    tokens: Sequence[Token]
    vocabulary: Vocabulary
    naming: Naming
    today: dt.date

    def __post_init__(self) -> None:
        """What is the same at every word."""
        self.words = ["" if token.quoted else token.word for token in self.tokens]
        self.german = sum(word in _GERMAN for word in self.words) > 1
        self.dating = Dating(self.tokens, self.words, self.today)
        self.table = self._table()

    def marks(self) -> list[Placed] | None:
        """Everything that the question says, in its order; None where some word of it says nothing known."""
        found: list[Placed] = []
        at = 0
        while at < len(self.tokens):
            best = max(self._at(at), key=lambda placed: placed.length, default=None)  # the first of equals
            if best is None:
                return None
            found.append(best)
            at = best.end
        return found

    def _at(self, at: int) -> Iterator[Placed]:
        """All that may begin at a word, what goes first among equals first."""
        for way in (
            self._path,
            self._documents,
            self._limit,
            self._billed,
            self.dating.dated,
            self._bound,
            self._group,
            self._having,
            self._asks,
            self._rows,
            self._noun,
            self._total,
            self._mention,
            self._choice,
            self._currency,
            self._named,
            self._verb,
            self._nothing,
        ):
            found = way(at)
            if found is not None:
                yield Placed(found[0], at, found[1])

    def _path(self, at: int) -> tuple[Mark, int] | None:
        """A field by its path: `line_items.amount`."""
        subject = self.vocabulary.fields.get(self.tokens[at].text)
        plain = subject is not None and "_" not in subject.field and "." not in subject.field
        return None if subject is None or plain else (Mention(subject), 1)

    def _documents(self, at: int) -> tuple[Mark, int] | None:
        """A document by its file's name, with a preposition or the schema's noun before it."""
        skip = 1 if self.words[at] in {"in", "of", "on", "from", "for", "document", "file", "von", "aus"} else 0
        return self._file(at + skip, skip) or self._file(at + skip + 1, skip + 1)

    def _file(self, at: int, skip: int) -> tuple[Mark, int] | None:
        if at >= len(self.tokens) or (skip == 2 and self.words[at - 1] not in {"the", "document", "file"}):  # noqa: PLR2004 - words before the name
            return None
        where = self.naming.document(self.tokens[at].text)
        return None if where is None else (where, skip + 1)

    def _limit(self, at: int) -> tuple[Mark, int] | None:
        """`top 5`, and the number in `5 largest` and `latest three`."""
        top = longest(lexicon.TOP, self.words[at:])
        number = self._count(at + top)
        if number is None:
            return (Asks(Intent.LARGEST), 1) if top else None
        if top:
            return Limit(number, top=True), top + 1
        around = [self._asks(at + 1) if at + 1 < len(self.tokens) else None]
        around += [self._asks(n) for n in range(max(0, at - 2), at)]
        extreme = any(one and _is_extreme(one[0]) for one in around)
        return (Limit(number), 1) if extreme else None

    def _count(self, at: int) -> int | None:
        if at >= len(self.tokens):
            return None
        word = self.words[at]
        number = int(word) if word.isdecimal() and len(word) < 4 else lexicon.NUMBERS.get(word)  # noqa: PLR2004 - no year
        return number or None

    def _bound(self, at: int) -> tuple[Mark, int] | None:
        """Over, under, between amounts. A bare number before a noun counts things, and bounds no amount."""
        words = self.words[at:]
        if between := longest(lexicon.BETWEEN, words):
            low = amount_at(self.tokens, at + between, german=self.german)
            joint = at + between + low.length if low else 0
            high = amount_at(self.tokens, joint + 1, german=self.german) if low and self._is_and(joint) else None
            if low is None or high is None or (low.currency and high.currency and low.currency != high.currency):
                return None
            mark = Bound(Op.BETWEEN, (low.number, high.number), high.currency or low.currency)
            return self._unless_counting(mark, at, between + low.length + 1 + high.length)
        for op, said in lexicon.BOUNDS.items():
            if n := longest(said, words):
                amount = amount_at(self.tokens, at + n, german=self.german)
                if amount is not None:
                    return self._unless_counting(Bound(op, (amount.number,), amount.currency), at, n + amount.length)
        return None

    def _is_and(self, at: int) -> bool:
        return at < len(self.words) and self.words[at] in {"and", "und", "to", "bis"}

    def _unless_counting(self, mark: Bound, at: int, length: int) -> tuple[Mark, int] | None:
        end = at + length
        if mark.currency is None and end < len(self.tokens):
            counted = self._noun(end) or self._rows(end) or self._mention(end)
            if counted or self.words[end] in {
                "days",
                "day",
                "pages",
                "page",
                "times",
                "%",
                "percent",
                "prozent",
                "tage",
            }:
                return None
        return mark, length

    def _group(self, at: int) -> tuple[Mark, int] | None:
        adverb = lexicon.ADVERBS.get(self.words[at])
        if adverb is not None:
            return Group(adverb, each=True), 1
        each = longest(lexicon.EACH, self.words[at:])
        if not each:
            return None
        start = at + each + (self.words[at + each : at + each + 1] == ["the"])
        for cut, said in lexicon.CUTS.items():
            if n := longest(said, [words_of(word)[0] if word else "" for word in self.words[start:]]):
                return Group(cut, each=self.words[at] not in _BY), start + n - at
        found = self._mention(start)
        if found is None or not isinstance(found[0], Mention):
            return None
        cut = Cut.DAY if found[0].subject.kind is FieldKind.DATE else Cut.VALUE
        return Group(cut, found[0].subject), start + found[1] - at

    def _having(self, at: int) -> tuple[Mark, int] | None:
        """With or without a value of a field."""
        for said, state in ((lexicon.LACKING, "absent"), (lexicon.HAVING, "found")):
            n = longest(said, self.words[at:])
            found = self._mention(at + n) if n else None
            if found is None or not isinstance(found[0], Mention):
                continue
            end = at + n + found[1]
            alone = end == len(self.tokens) or self._ends_having(end)
            if alone:
                return Where(Condition(found[0].subject.field, Op.IS, (state,))), n + found[1]
        return None

    def _is_compared(self, at: int) -> bool:
        """Whether a field begins here with what it is compared with: `with a total over 100`."""
        named = self._total(at) or self._mention(at) if at < len(self.tokens) else None
        if named is None:
            return False
        end = at + named[1]
        while end < len(self.words) and self.words[end] in lexicon.GLUE:
            end += 1
        return isinstance(named[0], Where) or bool(
            end < len(self.tokens) and (self._bound(end) or self.dating.dated(end))
        )

    def _ends_having(self, at: int) -> bool:
        """Whether the next words begin something else, and say nothing more of the field before them."""
        begun = (self.dating.dated(at), self._group(at))
        return any(begun) or self.words[at] in {"from", "by", "von"}

    def _asks(self, at: int) -> tuple[Mark, int] | None:
        words = self.words[at:]
        ways: list[tuple[Mark, int]] = [
            (Asks(intent), longest(said, words)) for intent, said in lexicon.INTENTS.items()
        ]
        ways.append((Asks(Intent.SMALLEST, of_dates=True), longest(lexicon.EARLIEST, words)))
        ways.append((Asks(Intent.LARGEST, of_dates=True), longest(lexicon.LATEST, words)))
        ways.append((Asks(Intent.LOOKUP, of_dates=True), longest(lexicon.WHEN, words)))
        best = max(ways, key=lambda way: way[1])
        return best if best[1] else None

    def _rows(self, at: int) -> tuple[Mark, int] | None:
        found = self._longest(at, self.vocabulary.tables.get)
        return found and (RowsOf(found[0]), found[1])

    def _noun(self, at: int) -> tuple[Mark, int] | None:
        """The schema's noun, and the number of one of its documents behind it."""
        found = self._longest(at, lambda phrase: phrase in self.vocabulary.nouns or None)
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

    def _total(self, at: int) -> tuple[Mark, int] | None:
        n = longest(lexicon.TOTAL, self.words[at:])
        return (Total(many=self.words[at + n - 1] == "totals"), n) if n else None

    def _mention(self, at: int) -> tuple[Mark, int] | None:
        """A field by a name, and where it is a text the value behind it: `customer Acme`, `payment method is Visa`."""
        found = self._longest(at, lambda phrase: self.vocabulary.field_called(phrase, self.table))
        if found is None:
            return None
        subject, length = found
        if subject.kind not in AMOUNTS and subject.kind not in {FieldKind.DATE, FieldKind.BOOLEAN}:
            behind = at + length
            valued = self.naming.value_of(subject, behind + longest(lexicon.IS, self.words[behind:]))
            if valued is not None:
                return valued[0], valued[1] - at
        last = self.tokens[at + length - 1]
        return Mention(subject, summed=self.words[at] in _SUMMED, many=last.word != last.stem), length

    def _choice(self, at: int) -> tuple[Mark, int] | None:
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

    def _currency(self, at: int) -> tuple[Mark, int] | None:
        skip = 1 if self.words[at] in {"in", "of"} else 0
        code, length = currency_at(self.tokens, at + skip)
        return (In(code), skip + length) if code else None

    def _named(self, at: int) -> tuple[Mark, int] | None:
        return self.naming.named(at)

    def _billed(self, at: int) -> tuple[Mark, int] | None:
        """`bill us`, which is no bill."""
        found = self._verb(at)
        return found if found is not None and isinstance(found[0], Verb) and found[0].billed else None

    def _verb(self, at: int) -> tuple[Mark, int] | None:
        """A verb that restricts nothing where it stands: `paid invoices` are some of them, `we paid Acme` is not."""
        word = self.words[at]
        before = self.words[at - 1] if at else ""
        if n := longest(lexicon.COME_TO, self.words[at:]):
            return Verb(sums=True), n
        if before in lexicon.WE and word in lexicon.SPENT | lexicon.GOTTEN:
            return Verb(paid=word in lexicon.SPENT), 1
        if word in lexicon.BILLED and self.words[at + 1 : at + 2] and self.words[at + 1] in lexicon.US:
            return Verb(billed=True), 2
        if at + 1 == len(self.tokens):
            return (Verb(), 1) if word in lexicon.ENDED else None
        behind = word in lexicon.WRITTEN and (self.dating.dated(at + 1) or self._named(at + 1))
        return (Verb(), 1) if behind else None

    def _nothing(self, at: int) -> tuple[Mark, int] | None:
        word = self.words[at]
        if longest(lexicon.DISTINCT, self.words[at:]):
            return Different(), 1
        if word in {"and", "und"}:
            return Joint(), 1
        if n := longest(lexicon.IN_ALL, self.words[at:]) or self._before_something(at):
            return Nothing(), n
        plain = word in lexicon.GLUE or (word and longest(lexicon.DOCUMENTS, [self.tokens[at].stem]))
        return (Nothing(), 1) if plain else None

    def _before_something(self, at: int) -> int:
        """How many words are prepositions of what is marked behind them: on invoices, with a total over 100."""
        n = longest(lexicon.HAVING, self.words[at:])
        if n and self._is_compared(at + n):
            return n
        if self.words[at] not in lexicon.BEFORE_NOUNS:
            return 0
        noun = next((n for n in range(at + 1, len(self.words)) if self.words[n] not in lexicon.GLUE), None)
        return int(noun is not None and bool(self._noun(noun) or self._rows(noun)))

    def _longest(self, at: int, find: Callable[[tuple[str, ...]], _T | None]) -> tuple[_T, int] | None:
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
            found = self._longest(at, self.vocabulary.tables.get)
            if found is not None:
                return found[0]
            subject = self.vocabulary.fields.get(self.tokens[at].text)
            if subject is not None and subject.cell:
                return next(t for t in self.vocabulary.wanted.tables if subject.field.startswith(t.path + "."))
        return None


def _is_extreme(mark: Mark) -> bool:
    return isinstance(mark, Asks) and mark.intent in {Intent.LARGEST, Intent.SMALLEST}
