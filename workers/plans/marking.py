"""Finds what each word of a question says; a question with one word that says nothing known is not understood."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from core.records import FieldKind
from storage.filters import Op
from storage.sums import Cut
from workers.plans import lexicon
from workers.plans.calling import Calling
from workers.plans.dating import Dating
from workers.plans.lexicon import longest
from workers.plans.marks import (
    Asks,
    ByCount,
    Different,
    Group,
    Joint,
    Limit,
    Mark,
    Mention,
    Most,
    Nothing,
    Placed,
    Verb,
    Where,
)
from workers.plans.naming import Naming
from workers.plans.plan import Condition, Intent
from workers.plans.reading import Token, words_of
from workers.plans.vocabulary import Vocabulary

_BY = lexicon.words_in("by nach grouped group broken split gruppiert aufgeteilt")
_GERMAN = lexicon.words_in("wie viele wieviele summe anzahl welche der das den von im und rechnungen rechnung fur uber")


@dataclass
class Marker:
    """One question under the words of one schema."""

    tokens: Sequence[Token]
    vocabulary: Vocabulary
    naming: Naming
    today: dt.date
    continental: bool = False  # it was asked in a language in which a point parts thousands

    def __post_init__(self) -> None:
        """What is the same at every word."""
        self.words = ["" if token.quoted else token.word for token in self.tokens]
        german = sum(word in _GERMAN for word in self.words) > 1
        self.dating = Dating(self.tokens, self.words, self.today)
        self.calling = Calling(self.tokens, self.words, self.vocabulary, self.naming, german or self.continental)

    def marks(self) -> list[Placed] | None:
        """Everything that the question says, in its order; None where some word of it says nothing known."""
        found: list[Placed] = []
        at = 0
        if self._asks_whether():
            return None
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
            self.calling.path,
            self.calling.document,
            self._limit,
            self._billed,
            self.dating.dated,
            self._bound,
            self._negated,
            self._ranks,
            self._group,
            self._having,
            self._lacks,
            self._paid_how,
            self._asks,
            self.calling.rows,
            self.calling.noun,
            self.calling.total,
            self.calling.mention,
            self.calling.choice,
            self.calling.currency,
            self._named,
            self._verb,
            self._nothing,
        ):
            found = way(at)
            if found is not None:
                yield Placed(found[0], at, found[1])

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
        noun = self.calling.noun(at + 1) if at + 1 < len(self.tokens) else None
        around += [self._asks(at + 1 + noun[1])] if noun and at + 1 + noun[1] < len(self.tokens) else []
        extreme = any(one and _is_extreme(one[0]) for one in around)
        return (Limit(number), 1) if extreme or self._ranks_behind(at + 1) else None

    def _ranks_behind(self, at: int) -> bool:
        """Whether a field begins here, and what it is ranked by comes behind it: three `vendors with the most`."""
        found = self.calling.mention(at) if at < len(self.tokens) else None
        if found is None or not isinstance(found[0], Mention):
            return False
        behind = range(at + found[1], len(self.tokens))
        return any(self._ranks(n) or ((ask := self._asks(n)) and _is_extreme(ask[0])) for n in behind)

    def _ranks(self, at: int) -> tuple[Mark, int] | None:
        """What groups are ranked by: most of something, or its number."""
        words = self.words[at:]
        skip = 1 if words[0] in {"with", "has", "have", "had", "mit", "sent", "issued", "wrote"} else 0
        for said, mark in ((lexicon.MOST, Most()), (lexicon.FEWEST, Most(fewest=True))):
            if n := longest(said, words[skip:]):
                return mark, skip + n
        n = longest(lexicon.BY_COUNT, words)
        return (ByCount(), n) if n else None

    def _negated(self, at: int) -> tuple[Mark, int] | None:
        """What is cut out: names and days behind a not."""
        n = longest(lexicon.NOT, self.words[at:])
        if not n or at + n >= len(self.tokens):
            return None
        found = self._named(at + n) or self._valued(at + n)
        if found is None or not isinstance(found[0], Where) or found[0].one or found[0].condition.negated:
            return None
        where = found[0]
        return replace(where, condition=replace(where.condition, negated=True)), n + found[1]

    def _valued(self, at: int) -> tuple[Mark, int] | None:
        """A name without a preposition, which but one party has."""
        parties = self.vocabulary.texts([*lexicon.PARTIES_FROM, *lexicon.PARTIES_TO])
        found = [valued for party in parties if (valued := self.naming.value_of(party, at))]
        return (found[0][0], found[0][1] - at) if len(found) == 1 else None

    def _count(self, at: int) -> int | None:
        if at >= len(self.tokens):
            return None
        word = self.words[at]
        number = int(word) if word.isdecimal() and len(word) < 4 else lexicon.NUMBERS.get(word)  # noqa: PLR2004 - no year
        return number or None

    def _bound(self, at: int) -> tuple[Mark, int] | None:
        return self.calling.bounding.bound(at)

    def _group(self, at: int) -> tuple[Mark, int] | None:
        adverb = lexicon.ADVERBS.get(self.words[at])
        if adverb is not None:
            return Group(adverb, each=True), 1
        if which := longest(lexicon.WHICH, self.words[at:]):
            cut, n = self._cut(at + which)
            return (Group(cut, asked=True), which + n) if cut in {Cut.MONTH, Cut.QUARTER, Cut.YEAR} else None
        each = longest(lexicon.EACH, self.words[at:])
        if not each:
            return None
        start = at + each + (self.words[at + each : at + each + 1] == ["the"])
        cut, n = self._cut(start)
        if cut is not None:
            return Group(cut, each=self.words[at] not in _BY), start + n - at
        found = self._grouped_by(start)
        return found and (found[0], found[1] - at)

    def _cut(self, at: int) -> tuple[Cut | None, int]:
        """A part of the calendar, or the currency."""
        words = [words_of(word)[0] if word else "" for word in self.words[at:]]
        cuts = ((cut, longest(said, words)) for cut, said in lexicon.CUTS.items())
        return next(((cut, n) for cut, n in cuts if n), (None, 0))

    def _grouped_by(self, at: int) -> tuple[Group, int] | None:
        """A field, and the word behind it; the schema's noun may stand before it: by invoice total."""
        if at >= len(self.tokens):
            return None
        noun = self.calling.noun(at)
        behind = at + noun[1] if noun else at
        for start in dict.fromkeys((behind, at)):
            found = self.calling.mention(start) if start < len(self.tokens) else None
            if found is not None and isinstance(found[0], Mention):
                cut = Cut.DAY if found[0].subject.kind is FieldKind.DATE else Cut.VALUE
                return Group(cut, found[0].subject), start + found[1]
        return None

    def _having(self, at: int) -> tuple[Mark, int] | None:
        """With or without a value of a field."""
        for said, state in ((lexicon.LACKING, "absent"), (lexicon.HAVING, "found")):
            n = longest(said, self.words[at:])
            found = self.calling.mention(at + n) if n else None
            if found is None or not isinstance(found[0], Mention):
                continue
            end = at + n + found[1]
            alone = end == len(self.tokens) or self._ends_having(end)
            if alone:
                return Where(Condition(found[0].subject.field, Op.IS, (state,))), n + found[1]
        return None

    def _lacks(self, at: int) -> tuple[Mark, int] | None:
        """A field whose value is missing: `where the due date is missing`."""
        found = self.calling.mention(at)
        n = longest(lexicon.MISSING_BEHIND, self.words[at + found[1] :]) if found else 0
        if not n or found is None or not isinstance(found[0], Mention):
            return None
        return Where(Condition(found[0].subject.field, Op.IS, ("absent",))), found[1] + n

    def _paid_how(self, at: int) -> tuple[Mark, int] | None:
        """A way of paying that records name: `paid by Visa`."""
        n = longest(lexicon.PAID_HOW, self.words[at:])
        field = self.vocabulary.of_concept("payment") if n else None
        found = self.naming.value_of(field, at + n) if field else None
        return found and (replace(found[0], party=False), found[1] - at)

    def _is_compared(self, at: int) -> bool:
        """Whether a field begins here with what it is compared with: `with a total over 100`."""
        ways = (self.calling.total(at), self.calling.mention(at)) if at < len(self.tokens) else ()
        named = max((way for way in ways if way), key=lambda way: way[1], default=None)
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
        if self.words[at] in {"and", "but", "und", "aber"} and at + 1 < len(self.words):
            return bool(self._having(at + 1))
        begun = (self.dating.dated(at), self._group(at))
        return any(begun) or self.words[at] in {"from", "by", "von"}

    def _asks(self, at: int) -> tuple[Mark, int] | None:
        words = self.words[at:]
        there = longest(lexicon.IS_THERE, words) if self._begins(at) else 0
        if there:
            return Asks(Intent.COUNT, is_there=True), there
        ways: list[tuple[Mark, int]] = [
            (Asks(intent), longest(said, words)) for intent, said in lexicon.INTENTS.items()
        ]
        ways.append((Asks(Intent.SMALLEST, of_dates=True), longest(lexicon.EARLIEST, words)))
        ways.append((Asks(Intent.LARGEST, of_dates=True), longest(lexicon.LATEST, words)))
        ways.append((Asks(Intent.LOOKUP, of_dates=True), longest(lexicon.WHEN, words)))
        best = max(ways, key=lambda way: way[1])
        return best if best[1] else None

    def _asks_whether(self) -> bool:
        """Whether the answer is yes or no, but for whether there is anything."""
        begun = next((at for at in range(len(self.words)) if not self._begins(at + 1)), len(self.words))
        asks = begun < len(self.words) and self.words[begun] in lexicon.WHETHER
        return asks and not longest(lexicon.IS_THERE, self.words[begun:])

    def _begins(self, at: int) -> bool:
        """Whether nothing but politeness stands before a word."""
        begun = 0
        while begun < at and (n := longest(lexicon.POLITE, self.words[begun:at])):
            begun += n
        return begun == at

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
        if (asked := self._asked_verb(at)) or at + 1 < len(self.tokens):
            behind = word in lexicon.WRITTEN and (self.dating.dated(at + 1) or self._named(at + 1))
            return asked or ((Verb(), 1) if behind else None)
        return (Verb(), 1) if word in lexicon.ENDED else None

    def _asked_verb(self, at: int) -> tuple[Mark, int] | None:
        """What somebody did: `bill us`, `did Acme bill`, `did Acme send us`."""
        word, did = self.words[at], bool({"did", "has"} & set(self.words[:at]))
        us = bool(lexicon.US & set(self.words[at + 1 : at + 2]))
        if word in lexicon.BILLED and us:
            return Verb(billed=True), 2
        if word in lexicon.BILLED and did and self.words[at - 1] not in lexicon.ARTICLES:
            return Verb(billed=True), 1
        return (Verb(), 2) if word in lexicon.SENT and did and us else None

    def _nothing(self, at: int) -> tuple[Mark, int] | None:
        word = self.words[at]
        if longest(lexicon.DISTINCT, self.words[at:]):
            return Different(), 1
        if word in {"and", "und"} or (word in {"but", "aber"} and self._restricts(at + 1)):
            return Joint(), 1
        if n := longest(lexicon.POLITE, self.words[at:]):
            return Nothing(), n
        if n := longest(lexicon.IN_ALL, self.words[at:]) or self._before_something(at):
            return Nothing(), n
        plain = word in lexicon.GLUE or (word and longest(lexicon.DOCUMENTS, [self.tokens[at].stem]))
        return (Nothing(), 1) if plain else None

    def _restricts(self, at: int) -> bool:
        """Whether a condition begins here."""
        ways = (self._bound, self.dating.dated, self._named, self._having) if at < len(self.tokens) else ()
        return any(way(at) for way in ways)

    def _before_something(self, at: int) -> int:
        """How many words are prepositions of what is marked behind them: on invoices, with a total over 100."""
        n = longest(lexicon.HAVING, self.words[at:])
        if n and self._is_compared(at + n):
            return n
        if self.words[at] not in lexicon.BEFORE_NOUNS:
            return 0
        noun = next((n for n in range(at + 1, len(self.words)) if self.words[n] not in lexicon.GLUE), None)
        if noun is None:
            return 0
        extreme, field = self._asks(noun), self.calling.mention(noun)
        if field and isinstance(field[0], Where):  # from vendors other than Acme
            return 1
        return int(bool(self.calling.noun(noun) or self.calling.rows(noun) or (extreme and _is_extreme(extreme[0]))))


def _is_extreme(mark: Mark) -> bool:
    return isinstance(mark, Asks) and mark.intent in {Intent.LARGEST, Intent.SMALLEST}
