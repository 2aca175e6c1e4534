"""Whose an account is: on an invoice it is the vendor's, so it answers nothing about who is billed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from core.records import FieldKind
from storage.database import Session
from storage.record_values import CODES, Stated, fold, stated_in
from storage.search_words import words_of
from workers.choice import PageReply
from workers.subject_words import About, Kind

_ADDRESSED = frozenset({"customer", "recipient", "client", "buyer", "addressee", "debtor", "payer"})
_KINDS = (FieldKind.TEXT, FieldKind.IBAN, FieldKind.VAT)


def of_others(session: Session, about: About, replies: Sequence[PageReply]) -> frozenset[tuple[str, int]]:
    """Documents and numbers of the pages that told somebody else's account.

    That is so where a record of the document has this very code, and knows whom the question is about, but only as one
    who is addressed.
    """
    names = [subject.words for subject in about.subjects if subject.kind is Kind.NAME]
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
    codes = {one.folded for one in fields if one.kind in CODES}
    if fold(answer, FieldKind.IBAN) not in codes:
        return False
    texts = [(one.field, set(words_of(one.raw))) for one in fields if one.kind is FieldKind.TEXT]
    of = [{field for field, words in texts if words.issuperset(name)} for name in names]
    return all(of) and all(_is_addressed(field) for field in set[str]().union(*of))


def _is_addressed(field: str) -> bool:
    """`customer_name`, not `vendor_name`."""
    return not _ADDRESSED.isdisjoint(field.replace("_", " ").replace(".", " ").casefold().split())
