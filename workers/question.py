"""A question against the archive: what it is searched by, and what is known of the pages that may answer it."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from core.records import ReadingSource
from storage import ask_pages, documents, schemas
from storage.ask_pages import PageRef, PageSays
from storage.database import Session
from storage.paging import in_parts
from storage.ranking import Sought
from storage.search_query import Term
from storage.search_words import words_of
from workers.choice import PageReply
from workers.codes import codes_in
from workers.field_words import MOST_SYNONYMS, STOP_WORDS, synonyms_of
from workers.nearness import is_near
from workers.owning import of_others
from workers.subject_words import About, Kind, Subject
from workers.support import NOTHING, SURE, PageText, Support, judge

MOST_FIELDS = 4  # words for what is asked, that are searched by their synonyms
_AT_ONCE = 10  # pages that are held against a question at a time
_LONG = 12  # characters of a number that papers print in groups
_GROUP = 4


def field_words(session: Session, workspace_id: str) -> frozenset[str]:
    """The words of the titles and names of all fields in the workspace's schemas."""
    found: set[str] = set()
    for schema in schemas.list_schemas(session, workspace_id):
        wanted = schemas.wanted_of(schema.body)
        for of in (*wanted.fields, *(column for table in wanted.tables for column in table.fields)):
            found.update(words_of(of.title), words_of(of.path))
    return frozenset(found - STOP_WORDS)


def sought_of(about: About) -> Sought:
    """What pages are searched by."""
    names = tuple(tuple(ways_of(subject)) for subject in about.subjects if subject.words)
    years = tuple((str(subject.day.year),) for subject in about.subjects if subject.day and subject.day.year)
    groups = dict.fromkeys(_group_of(word) for word in about.fields)
    return Sought(names, about.words, (*years, *list(groups)[:MOST_FIELDS]), is_near)


def ways_of(subject: Subject) -> Iterable[Term]:
    """How a name or a number may be written: a number with and without blanks, in fours, letters apart from digits."""
    yield Term(subject.words)
    if subject.kind is not Kind.NUMBER:
        return
    whole = "".join(subject.words)
    ways = {(whole,), tuple("".join(part) for _, part in groupby(whole, str.isdigit))}
    if len(whole) >= _LONG:
        ways.add(tuple(whole[at : at + _GROUP] for at in range(0, len(whole), _GROUP)))
    yield from (Term(way) for way in sorted(ways - {subject.words}))


def texts_of(session: Session, pages: Collection[tuple[str, int]]) -> Mapping[str, Mapping[int, PageText]]:
    """The words of these pages, and of those around them, by document and number."""
    around = ask_pages.pages_around(session, pages)
    return {document: {number: _text_of(says) for number, says in known.items()} for document, known in around.items()}


def judged(
    session: Session, about: About, replies: Sequence[PageReply], names: Mapping[str, str], params: Mapping[str, Any]
) -> list[PageReply]:
    """The replies of pages with what is to be thought of each that has a text; `params` are those of the job."""
    told = [reply for reply in replies if reply.result.get("text")]
    texts = texts_of(session, [(reply.document_id, reply.page) for reply in told])
    searched = params.get("searched") or {}
    weights = weights_of(params.get("counts") or {}, int(searched.get("pages", 0)))
    strict = bool(params.get("strict"))
    others = of_others(session, about, told)

    def judge_one(reply: PageReply) -> PageReply:
        if (reply.document_id, reply.page) in others:
            return replace(reply, judged=NOTHING)
        known, name = texts.get(reply.document_id, {}), names.get(reply.document_id, "")
        return replace(reply, judged=judge(about, known, reply.page, name, weights, strict=strict))

    return [judge_one(reply) if reply.result.get("text") else reply for reply in replies]


def fitting(
    session: Session, about: About, pages: Sequence[PageRef], weights: Mapping[str, float], *, strict: bool
) -> list[PageRef]:
    """Those of the pages whose answer would count; those that have all by themselves go first.

    Pages are held against the question in their order, until a fourth of them have all that it is about.
    """
    enough = max(_AT_ONCE, len(pages) // 4)
    counting: list[tuple[Support, PageRef]] = []
    for some in in_parts(pages, _AT_ONCE):
        texts = texts_of(session, [(page.document_id, page.number) for page in some])
        names = documents.names_of(session, {page.document_id for page in some})
        for page in some:
            known, name = texts.get(page.document_id, {}), names.get(page.document_id, "")
            counting.append((judge(about, known, page.number, name, weights, strict=strict).support, page))
        if sum(support is Support.PAGE for support, _ in counting) >= enough:
            break
    kept = [one for one in counting if one[0] is not Support.NONE]
    return [page for _, page in sorted(kept, key=lambda one: one[0] is not Support.PAGE)]


def weights_of(counts: Mapping[str, int], pages: int) -> dict[str, float]:
    """What each of the softer words counts: the rarer, the more."""
    return {word: math.log(1 + (pages + 1) / (count + 1)) for word, count in counts.items()}


def searched_words(about: About) -> list[str]:
    """The words that pages are searched for, as the reply tells them."""
    named = [word for subject in about.subjects for word in (*subject.words, *subject.beside)]
    years = [str(subject.day.year) for subject in about.subjects if subject.day and subject.day.year]
    return list(dict.fromkeys([*named, *years, *about.words, *about.fields]))


def _group_of(word: str) -> tuple[str, ...]:
    """The word first, then what else it is called."""
    others = sorted(synonyms_of(word) - {word})
    return (word, *others)[:MOST_SYNONYMS]


def _text_of(says: PageSays) -> PageText:
    """The words of a page; those that nobody sees on it tell as little as if nobody had read it."""
    words: list[str] = []
    unsure, codes = set[int](), dict[int, range]()
    by_model = says.source is ReadingSource.MODEL
    for line, confidence in () if says.source is ReadingSource.HIDDEN else says.lines:
        first = len(words)
        words += words_of(line)
        codes |= {first + at: range(first + code.start, first + code.stop) for code in codes_in(line) for at in code}
        if by_model and (confidence is None or confidence < SURE):
            unsure.update(range(first, len(words)))
    is_read = bool(words) or says.source is ReadingSource.BLANK
    return PageText((*words, *says.said.split()), frozenset(unsure), is_read, len(words), codes)
