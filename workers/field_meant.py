"""Which field of a schema a question asks for, so that pages can be asked by its title, too."""

import re
from collections.abc import Iterable, Sequence

from storage.database import Session
from workers.field_words import STOP_WORDS
from workers.page_question import cut_subject
from workers.plans.reading import words_of
from workers.plans.vocabulary import Vocabulary, vocabularies_of

# What people say of a document, `it`, instead of a field's name, and the fields that are meant; the first that fits.
_ISSUERS = "vendor_name merchant sender bank_name"
_SAID = tuple(
    (re.compile(pattern), tuple(names.split()))
    for pattern, names in (
        (r"^how (much|high) is it (before|without|excluding|net of) (the )?(tax|vat)\b", "subtotal"),
        (r"^how much (tax|vat)\b", "tax"),
        (r"^(by|until) when must it be paid\b|^when (is|was) it (due|payable|to be paid)\b", "due_date"),
        (r"^how (was|is) it paid\b", "payment_method"),
        (r"^when was (she|he|it|the person) born\b", "date_of_birth"),
        (r"^when was it (issued|written|made out|dated|sent|printed)\b", "invoice_date date"),
        (r"^who is it (billed|addressed|sent) to\b|^who (received|pays|has to pay) it\b", "customer_name recipient"),
        (r"^to whom is it (billed|addressed|sent)\b", "customer_name recipient"),
        (r"^who (sent|issued|wrote|billed) it\b", _ISSUERS),
        (r"^(which|what) (company|firm|shop|store|bank) (issued|sent|wrote|is) it\b", _ISSUERS),
        (r"^of which bank is it\b", "bank_name"),
        (r"^who signed it\b", "signed_by"),
        (r"^(at )?(what|which) time\b( was it| is)?( printed| issued)?\W*$", "time"),
        (r"^whose account is it\b", "account_holder"),
        (
            r"^what is the (begin|start|beginning) of (the|its) period\b|^(on )?which day does it (begin|start)\b",
            "period_start",
        ),
        (r"^what is the end of (the|its) period\b|^(on )?which day does it end\b", "period_end"),
        (r"^what is it about\b", "subject"),
        (r"^how (much|high) (is|was) it\W*$|^how much does it come to\b", "total closing_balance"),
        (
            r"^how much (has|is|was) (to be )?(paid|payable|due)\b|^how much do we (have to pay|owe)\b",
            "total closing_balance",
        ),
    )
)

_TELLS_NOTHING = frozenset(stem for word in (*STOP_WORDS, "paid", "printed") for stem in words_of(word))


def field_meant(session: Session, workspace_id: str, question: str) -> str | None:
    """The title of the one field that is meant; None where none is, or fields of different titles are."""
    bare = cut_subject(question)
    known = vocabularies_of(session, workspace_id)
    named = [vocabulary for vocabulary in known if _has(vocabulary.nouns, words_of(question))]
    titles = {title for vocabulary in named or known if (title := _title(vocabulary, bare)) is not None}
    return titles.pop() if len(titles) == 1 else None


def _title(vocabulary: Vocabulary, question: str) -> str | None:
    """What a schema calls the field that a question asks for: as people say it, or by one of its names."""
    text = question.casefold()
    said = next((names for pattern, names in _SAID if pattern.search(text)), ())
    path = next((name for name in said if name in vocabulary.fields), None) or _named(vocabulary, words_of(question))
    field = vocabulary.wanted.find(path) if path is not None else None
    return None if field is None else field.title


def _named(vocabulary: Vocabulary, stems: Sequence[str]) -> str | None:
    """The field that the longest phrase of a question means, where no other word tells of anything else."""
    spans = [(end - start, start) for start in range(len(stems)) for end in range(start + 1, len(stems) + 1)]
    for length, start in sorted(spans, reverse=True):
        subject = vocabulary.field_called(stems[start : start + length])
        if subject is not None and not subject.cell:
            others = (*stems[:start], *stems[start + length :])
            return subject.field if _TELLS_NOTHING.issuperset(others) else None
    return None


def _has(phrases: Iterable[tuple[str, ...]], stems: Sequence[str]) -> bool:
    text = f" {' '.join(stems)} "
    return any(f" {' '.join(phrase)} " in text for phrase in phrases)
