"""A question in plain words understood as one plan, or not at all."""

import datetime as dt
from collections.abc import Sequence

from storage import schemas, sums
from storage.database import Session
from workers.plans import lexicon
from workers.plans.assembling import Assembler, Understood
from workers.plans.lexicon import longest
from workers.plans.marking import Marker
from workers.plans.marks import Noun
from workers.plans.names import Names
from workers.plans.naming import Naming
from workers.plans.reading import Token, tokens_of, words_of
from workers.plans.vocabulary import Vocabulary, vocabularies_of


def understand(session: Session, workspace_id: str, question: str, today: dt.date) -> Understood | None:
    """The one plan that the question means; None where any word of it is not understood, or it may mean two."""
    tokens = tokens_of(question)
    if not tokens or not _asks_anything(tokens):
        return None
    known = vocabularies_of(session, workspace_id)
    named = [vocabulary for vocabulary in known if _is_named(vocabulary.own_nouns, tokens)]
    named = named or [vocabulary for vocabulary in known if _is_named(vocabulary.nouns, tokens)]
    for lenient in (False, True):
        found = [
            understood
            for vocabulary in named or [one for one in known if _mentions(one, tokens)]
            if (understood := _under(session, workspace_id, vocabulary, tokens, today, lenient=lenient)) is not None
        ]
        if len(found) == 1:
            return found[0]
        if len(found) > 1 or not named:
            return None
    return None


def _under(
    session: Session,
    workspace_id: str,
    vocabulary: Vocabulary,
    tokens: Sequence[Token],
    today: dt.date,
    *,
    lenient: bool,
) -> Understood | None:
    versions = [schema.id for schema in schemas.list_versions(session, workspace_id, vocabulary.name)]
    names = Names(session, sums.latest_versions(session, versions))
    naming = Naming(tokens, vocabulary, names, workspace_id, lenient=lenient)
    marks = Marker(tokens, vocabulary, naming, today).marks()
    if marks is None:
        return None
    if not names.schema_ids and not any(isinstance(p.mark, Noun) for p in marks):
        return None  # nothing names the schema, and nothing was read under it
    return Assembler(marks, vocabulary).understood()


def _is_named(nouns: frozenset[tuple[str, ...]], tokens: Sequence[Token]) -> bool:
    """Whether the question has one of a schema's nouns in it."""
    stems = [stem for token in tokens if not token.quoted for stem in words_of(token.word)]
    text = f" {' '.join(stems)} "
    return any(f" {' '.join(noun)} " in text for noun in nouns)


def _mentions(vocabulary: Vocabulary, tokens: Sequence[Token]) -> bool:
    """Whether any word is a field, or rows, of the schema."""
    stems = {stem for token in tokens if not token.quoted for stem in words_of(token.word)}
    paths = any(token.text in vocabulary.fields for token in tokens)
    return paths or any(stems.issuperset(phrase) for phrase in (*vocabulary.phrases, *vocabulary.tables))


def _asks_anything(tokens: Sequence[Token]) -> bool:
    """Whether any word asks for a number, a list or a value: else no schema is looked at."""
    words = [token.word for token in tokens]
    asking = (*lexicon.INTENTS.values(), lexicon.EARLIEST, lexicon.LATEST, lexicon.TOTAL, lexicon.TOP, lexicon.WHEN)
    return any(longest(said, words[at:]) for at in range(len(words)) for said in asking)
