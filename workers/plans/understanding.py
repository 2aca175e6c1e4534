"""A question in plain words understood as one plan, or not at all."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from storage import schemas, sums
from storage.database import Session
from workers.plans import lexicon
from workers.plans.alike import nearest
from workers.plans.assembling import Assembler, Understood
from workers.plans.lexicon import longest
from workers.plans.lookalikes import doubtful_in
from workers.plans.marking import Marker
from workers.plans.marks import Noun
from workers.plans.names import Names
from workers.plans.naming import Naming
from workers.plans.placed import Marks
from workers.plans.reading import Token, tokens_of, words_of
from workers.plans.spelling import put_right
from workers.plans.tongues import translations
from workers.plans.vocabulary import Vocabulary, vocabularies_of


def understand(session: Session, workspace_id: str, question: str, today: dt.date) -> Understood | None:
    """The one plan that the question means; None where any word of it is not understood, or it may mean two."""
    tokens = tokens_of(question)
    if not tokens:
        return None
    known = vocabularies_of(session, workspace_id)
    desk = _Desk(session, workspace_id, known, today)
    translated = translations(question, known)
    if translated.foreign:
        told = (desk.understood(put, continental=True) for put in translated.tokens)
        found = [one for one in told if one is not None]
        return found[0] if found and all(one.plan == found[0].plan for one in found) else None
    found_plainly = desk.understood(tokens)
    if found_plainly is not None:
        return found_plainly
    righted = put_right(tokens, known)
    understood = desk.understood(righted.tokens) if righted is not None else None
    if understood is None or righted is None:
        return None
    return replace(understood, notes=(righted.note, *understood.notes))


@dataclass(frozen=True, slots=True)
class _Desk:
    """What questions of a workspace are understood with."""

    session: Session
    workspace_id: str
    known: Sequence[Vocabulary]
    today: dt.date

    def understood(self, tokens: Sequence[Token], *, continental: bool = False) -> Understood | None:
        """The one plan of the tokens. Where several schemas have one, that of the schema whose words these are."""
        named = [vocabulary for vocabulary in self.known if _is_named(vocabulary.own_nouns, tokens)]
        named = named or [vocabulary for vocabulary in self.known if _is_named(vocabulary.nouns, tokens)]
        if not named and not _asks_anything(tokens):
            return None
        meant = named or [one for one in self.known if _mentions(one, tokens)]
        for lenient in (False, True):
            found = [
                understood
                for vocabulary in meant
                if (understood := self._under(vocabulary, tokens, lenient=lenient, continental=continental))
            ]
            if len(found) == 1 or not named:
                return _of_own_words(found, tokens)
            if found:
                return None
        return None

    def _under(
        self, vocabulary: Vocabulary, tokens: Sequence[Token], *, lenient: bool, continental: bool
    ) -> Understood | None:
        versions = [schema.id for schema in schemas.list_versions(self.session, self.workspace_id, vocabulary.name)]
        names = Names(self.session, sums.latest_versions(self.session, versions))
        naming = Naming(tokens, vocabulary, names, self.workspace_id, lenient=lenient)
        marks = Marker(tokens, vocabulary, naming, self.today, continental=continental).marks()
        if marks is None:
            return None
        if not names.schema_ids and not any(isinstance(p.mark, Noun) for p in marks):
            return None  # nothing names the schema, and nothing was read under it
        understood = Assembler(Marks(marks), vocabulary).understood()
        if understood is None:
            return None
        unknown = understood.unknown
        near = nearest([text.shown for text in names.shown(unknown.subject.field)], unknown.said) if unknown else []
        return replace(understood, doubtful=doubtful_in(understood.plan, vocabulary, names), nearest=tuple(near))


def _of_own_words(found: Sequence[Understood], tokens: Sequence[Token]) -> Understood | None:
    """Of plans under several schemas the one whose fields the question calls by their own names, if it is but one."""
    strange = [_strange(one, tokens) for one in found]
    best = [one for one, count in zip(found, strange, strict=True) if count == min(strange)]
    return best[0] if len(best) == 1 else None


def _strange(understood: Understood, tokens: Sequence[Token]) -> int:
    """How many fields of the plan are in the question by no name of their own."""
    plan = understood.plan
    fields = {plan.field, plan.by.field if plan.by else None, *(one.field for one in plan.where)}
    text = f" {' '.join(stem for token in tokens for stem in words_of(token.word))} "
    own = [understood.vocabulary.own_phrases(field) for field in fields if field is not None]
    return sum(not any(f" {' '.join(phrase)} " in text for phrase in phrases) for phrases in own)


def _is_named(nouns: frozenset[tuple[str, ...]], tokens: Sequence[Token]) -> bool:
    """Whether the question has one of a schema's nouns in it."""
    stems = [stem for token in tokens if not token.quoted for stem in words_of(token.word)]
    text = f" {' '.join(stems)} "
    return any(f" {' '.join(noun)} " in text for noun in nouns)


def _mentions(vocabulary: Vocabulary, tokens: Sequence[Token]) -> bool:
    """Whether any word is a field, or rows, of the schema."""
    stems = {stem for token in tokens if not token.quoted for stem in words_of(token.word)}
    paths = any(token.text in vocabulary.fields for token in tokens)
    paths = paths or any(token.word in lexicon.SPENT for token in tokens)  # what was spent may be on anything
    return paths or any(stems.issuperset(phrase) for phrase in (*vocabulary.phrases, *vocabulary.tables))


def _asks_anything(tokens: Sequence[Token]) -> bool:
    """Whether any word asks for a number, a list or a value: else no schema is looked at."""
    words = [token.word for token in tokens]
    asking = (*lexicon.INTENTS.values(), lexicon.EARLIEST, lexicon.LATEST, lexicon.TOTAL, lexicon.TOP, lexicon.WHEN)
    asking += (lexicon.EACH, lexicon.MOST, lexicon.FEWEST, tuple((word,) for word in lexicon.ADVERBS))
    return any(longest(said, words[at:]) for at in range(len(words)) for said in asking)
