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
_OWNERS = (frozenset({"holder", "owner"}), frozenset({"vendor", "seller", "supplier", "merchant"}))
_OF_A_NAME = frozenset({"name", "account", "company"})  # beside these in a field that tells whose an account is
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
    said = fold(answer, FieldKind.IBAN)
    of_code = [one for one in fields if one.kind in CODES and _is_near_code(said, one.raw)]
    if not of_code or any(_is_addressed(one.field) for one in of_code):  # a customer's own
        return False
    texts = [(one, set(words_of(one.raw))) for one in fields if one.kind is FieldKind.TEXT]
    of = [[one for one, words in texts if words.issuperset(name)] for name in names]
    if all(of) and all(one.row != NO_ROW or _is_addressed(one.field) for known in of for one in known):
        return True
    owners = _owners_of(fields)
    return bool(owners) and not any(_may_be(name, owner) for name in names for owner in owners)


def _is_near_code(said: str, raw: str) -> bool:
    return edits(said, fold(raw, FieldKind.IBAN), _MISREAD) <= _MISREAD


def _is_addressed(field: str) -> bool:
    """`customer_name`, not `vendor_name`."""
    return not _ADDRESSED.isdisjoint(_words_of_field(field))


def _owners_of(fields: Sequence[Stated]) -> list[tuple[str, ...]]:
    """The words of whom a record's account belongs to: its holder, or whose invoice it is; none if that is unsure."""
    for owners in _OWNERS:
        named = [
            one
            for one in fields
            if one.row == NO_ROW
            and one.kind is FieldKind.TEXT
            and not owners.isdisjoint(words := _words_of_field(one.field))
            and owners.union(_OF_A_NAME).issuperset(words)
        ]
        if named:
            sure = all(one.corrected or (one.confidence or 0.0) >= _KNOWN for one in named)
            plain = (tuple(w for w in words_of(one.raw) if w not in LEGAL_FORMS) for one in named)
            return [owner for owner in plain if owner] if sure else []
    return []


def _may_be(name: Sequence[str], owner: Sequence[str]) -> bool:
    """Whether a name may be the owner's: half of its words are, or all of the owner's; also misread, or as initials."""
    shared = [word for word in name if any(_is_word(word, other) for other in owner)]
    back = [other for other in owner if any(_is_word(word, other) for word in name)]
    return 2 * len(shared) >= len(name) or len(back) == len(owner)


def _is_word(one: str, other: str) -> bool:
    if len(one) == 1 or len(other) == 1:
        return one[:1] == other[:1]
    return is_near(one, other)


def _words_of_field(field: str) -> list[str]:
    return field.replace("_", " ").replace(".", " ").casefold().split()
