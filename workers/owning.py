"""Whose an account is: on an invoice it is the vendor's, so it answers nothing about who else is named there."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from core.records import FieldKind
from storage.database import Session
from storage.record_values import CODES, NO_ROW, Stated, fold, stated_in
from storage.search_words import words_of
from workers.choice import PageReply
from workers.field_words import LEGAL_FORMS, synonyms_of
from workers.nearness import edits, is_near
from workers.subject_words import About, Kind

_ADDRESSED = frozenset({"customer", "recipient", "client", "buyer", "addressee", "debtor", "payer"})
_OWNERS = (frozenset({"holder", "owner"}), frozenset({"vendor", "seller", "supplier", "issuer", "merchant", "sender"}))
_PAPERS = frozenset[str]().union(*map(synonyms_of, ("invoice", "receipt", "letter", "statement", "order", "document")))
_KINDS = (FieldKind.TEXT, FieldKind.IBAN, FieldKind.VAT)
_MISREAD = 2  # signs of a code
_KNOWN = 0.75  # confidence from which on a record knows whose its account is


def of_others(session: Session, about: About, replies: Sequence[PageReply]) -> frozenset[tuple[str, int]]:
    """Documents and numbers of the pages that told somebody else's account.

    That is so where a record of the document has this code, and knows an owner of another name, or knows whom the
    question is about, but only as one who is addressed, or from a row of a table, as a statement's movements name those
    who paid. A question of a paper may name it by anybody: `the account on the invoice to Weber`.
    """
    names = [subject.words for subject in about.subjects if subject.kind is Kind.NAME]
    if not _PAPERS.isdisjoint(about.fields):
        return frozenset()
    codes = [(r, str(r.result["text"])) for r in replies if any(c.isdigit() for c in str(r.result.get("text") or ""))]
    if not names or about.either or not codes:
        return frozenset()
    stated = _by_record(stated_in(session, {reply.document_id for reply, _ in codes}, _KINDS))
    return frozenset(
        (reply.document_id, reply.page)
        for reply, text in codes
        if any(_is_anothers(fields, names, text) for fields in stated.get(reply.document_id, {}).values())
    )


def _by_record(stated: Iterable[Stated]) -> Mapping[str, Mapping[str, list[Stated]]]:
    """By document and record."""
    found: dict[str, dict[str, list[Stated]]] = defaultdict(lambda: defaultdict(list))
    for one in stated:
        found[one.document_id][one.record_id].append(one)
    return found


def _is_anothers(fields: Sequence[Stated], names: Sequence[Sequence[str]], answer: str) -> bool:
    code = fold(answer, FieldKind.IBAN)
    if not any(
        one.kind in CODES and edits(code, fold(one.raw, FieldKind.IBAN), _MISREAD) <= _MISREAD for one in fields
    ):
        return False
    texts = [(one, set(words_of(one.raw))) for one in fields if one.kind is FieldKind.TEXT]
    of = [[one for one, words in texts if words.issuperset(name)] for name in names]
    if all(of) and all(one.row != NO_ROW or _is_addressed(one.field) for known in of for one in known):
        return True
    owner = _owner_of(fields)
    return bool(owner) and not any(_may_be(name, owner) for name in names)


def _is_addressed(field: str) -> bool:
    """`customer_name`, not `vendor_name`."""
    return not _ADDRESSED.isdisjoint(_words_of_field(field))


def _owner_of(fields: Sequence[Stated]) -> tuple[str, ...]:
    """The words of whom an account in a record belongs to, where that is known: its holder, or who wrote the paper."""
    for owners in _OWNERS:
        for one in (one for one in fields if one.row == NO_ROW):
            if not owners.isdisjoint(_words_of_field(one.field)):
                known = one.corrected or (one.confidence or 0.0) >= _KNOWN
                return tuple(word for word in words_of(one.raw) if word not in LEGAL_FORMS) if known else ()
    return ()


def _may_be(name: Sequence[str], owner: Sequence[str]) -> bool:
    """Whether a name may be the owner's: most of its words are, or the owner's all are; one may be misread."""
    shared = [word for word in name if any(is_near(word, other) for other in owner)]
    back = [other for other in owner if any(is_near(word, other) for word in name)]
    return 2 * len(shared) > len(name) or len(back) == len(owner)


def _words_of_field(field: str) -> list[str]:
    return field.replace("_", " ").replace(".", " ").casefold().split()
