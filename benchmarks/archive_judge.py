"""When an answer is right: its text or number, its citations, and whether it follows from the values that were read."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from api.results import Record, Value
from benchmarks.archive_documents import Known, kind_of
from benchmarks.archive_wants import Result, Table, Want, amount, group_of, rows_of, work_out
from benchmarks.archive_world import Question, truth_of
from core.records import FieldKind, ValueState
from workers.typed.folding import bare
from workers.typed.meaning import same


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of one answer."""

    answered: bool
    right: bool  # the right answer; of what nothing answers: a refusal
    cited: bool  # its page is a right one; of exact answers: all rows that contribute, and no other
    box: bool  # and the place on the page is right
    over_read: bool | None = None  # of exact answers: what follows from the values that were read
    rows_cited: bool | None = None  # and each row that contributes is cited
    read_rightly: bool | None = None  # whether all values that matter were read as they are


@dataclass(frozen=True, slots=True)
class Read:
    """What the service has read: tables by schema, and which fields of which documents are not what they should be."""

    tables: Mapping[str, Table]
    wrong: frozenset[tuple[str, str]]  # document and field
    truth: Mapping[str, Table] = field(default_factory=dict)  # by schema, where it is worked out already


def read_of(archive: Sequence[Known], records: Mapping[str, Sequence[Record]], names: Mapping[str, str]) -> Read:
    """Records as tables by document, beside the truth. `names` are files by the ids of documents."""
    tables = {schema: _table(listed, names) for schema, listed in records.items()}
    truths = {schema: truth_of(archive, schema) for schema in tables}
    wrong = {
        (file, name)
        for schema, truth in truths.items()
        for file, row in truth.items()
        for name in {*row, *tables[schema].get(file, {})}
        if not _alike(schema, name, row.get(name), tables[schema].get(file, {}).get(name))
    }
    return Read(tables, frozenset(wrong), truths)


def _table(records: Sequence[Record], names: Mapping[str, str]) -> Table:
    empty: dict[str, Any] = {names[record.document_id]: {} for record in records}
    return empty | dict(
        rows_of(
            [
                (names[record.document_id], path, *stored)
                for record in records
                for path, value in record.values.items()
                if (stored := _stored(value)) is not None
            ]
        )
    )


def _stored(value: Value) -> tuple[str, str | None] | None:
    """A value as questions count it; None where there is none, or where it is not what its kind wants."""
    if value.state is not ValueState.FOUND or value.raw is None:
        return None
    match value.typed:
        case {"amount": str(number)}:
            return number, value.typed.get("currency")
        case str(text):
            return text, None
        case None if value.kind in {FieldKind.DATE, FieldKind.MONEY}:
            return None
    return value.raw, None


def _alike(schema: str, name: str, true: tuple[str, str | None] | None, read: tuple[str, str | None] | None) -> bool:
    if true is None or read is None:
        return true is read
    if kind_of(schema, name) is FieldKind.MONEY:
        return amount(true[0]) == amount(read[0]) and true[1] == read[1]
    return bare(true[0]).replace(" ", "") == bare(read[0]).replace(" ", "")


def judge(question: Question, said: Mapping[str, Any], archive: Sequence[Known], read: Read) -> Verdict:
    """Judge a job's result, in which documents are named by their files."""
    if said.get("state") not in {"found", "not_found"}:
        return Verdict(answered=False, right=False, cited=False, box=False)
    answered = said["state"] == "found"
    if question.kind == "unanswerable":
        return Verdict(answered, not answered, cited=not answered, box=not answered)
    if question.want is None:
        return _of_lookup(question, said, archive, answered=answered)
    return _of_want(question.want, said, archive, read)


def _of_lookup(question: Question, said: Mapping[str, Any], archive: Sequence[Known], *, answered: bool) -> Verdict:
    kind = kind_of(question.schema, question.field)
    text = str(said.get("text") or "")
    right = answered and any(_same_text(text, true, kind) for true in question.answers)
    evidence = said.get("evidence") or next(iter((said.get("plan") or {}).get("citations", [])), None) or {}
    place = (evidence.get("document_name"), evidence.get("page"))
    cited = answered and place in question.places
    box = cited and _in_place(question, evidence, archive)
    return Verdict(answered, right, cited, box)


def _same_text(said: str, true: str, kind: FieldKind) -> bool:
    return same(said, true, kind) or (bool(bare(true)) and bare(said) == bare(true))


def _in_place(question: Question, evidence: Mapping[str, Any], archive: Sequence[Known]) -> bool:
    """Whether the middle of the box is on the value, and the middle of the value in the box."""
    box = evidence.get("box")
    if not box:
        return False
    known = next(one for one in archive if one.file == evidence["document_name"])
    return any(
        _holds(box, told.box) and _holds(told.box, box)
        for told in known.told
        if told.field == question.field and told.page == evidence["page"]
    )


def _holds(outer: Sequence[float], inner: Sequence[float]) -> bool:
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def _of_want(want: Want, said: Mapping[str, Any], archive: Sequence[Known], read: Read) -> Verdict:
    truth = work_out(want, read.truth.get(want.schema) or truth_of(archive, want.schema))
    stored = work_out(want, read.tables.get(want.schema, {}))
    cited = frozenset(c["document_name"] for c in said.get("cited") or _citations(said))
    if want.intent == "per":  # rows without a name are told as a group without a key
        without = frozenset(file for file, row in read.tables.get(want.schema, {}).items() if want.per not in row)
        cited -= without - truth.documents
    right = _agrees(want, said, truth, cited)
    exact = said.get("kind") == "exact"
    touched = {file for file, name in read.wrong if name in want.fields}
    relevant = truth.documents | stored.documents  # what counts, or should
    return Verdict(
        said.get("state") == "found",
        right,
        right and cited == truth.documents,
        box=right and cited == truth.documents,
        over_read=_agrees(want, said, stored, cited) or right if exact else None,
        rows_cited=cited in (stored.documents, truth.documents) if exact else None,
        read_rightly=relevant.isdisjoint(touched),
    )


def _citations(said: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What an answer cites, of whatever kind."""
    plan = said.get("plan") or {}
    return plan.get("citations") or [one for one in (said.get("evidence"), *(said.get("supported_by") or [])) if one]


def _agrees(want: Want, said: Mapping[str, Any], result: Result, cited: frozenset[str]) -> bool:
    """Whether an answer says what comes out."""
    plan = said.get("plan") or {}
    if want.intent == "list":
        return cited == result.documents
    if want.intent == "per":
        named = [group for group in plan.get("groups") or [] if group["key"] is not None]
        return _added(named, lambda g: group_of(str(g["key"]), g.get("currency"))) == _decimals(result)
    if not result.numbers:
        return said.get("state") != "found" or plan.get("rows") == 0
    currency, number = next(iter(result.numbers.items()))
    if want.intent in {"largest", "smallest"} and cited and not cited & result.documents:
        return False
    if len(result.numbers) > 1:  # a group for each currency
        return _added(plan.get("groups") or [], lambda g: g.get("currency") or "") == _decimals(result)
    return _says(said, number, currency)


def _added(groups: Sequence[Mapping[str, Any]], key: Callable[[Mapping[str, Any]], str]) -> dict[str, Decimal]:
    """The numbers of a plan's groups; of those with the same key together."""
    added = defaultdict[str, Decimal](Decimal)
    for group in groups:
        added[key(group)] += Decimal(str(group.get("number", group.get("count"))))
    return added


def _decimals(result: Result) -> dict[str, Decimal]:
    return {key: Decimal(number) for key, number in result.numbers.items()}


def _says(said: Mapping[str, Any], number: str, currency: str) -> bool:
    """Whether the plan's number, its typed value or else the text is this one."""
    plan = said.get("plan")
    if plan is None:
        kind = FieldKind.DATE if number.count("-") == 2 else FieldKind.MONEY if currency else FieldKind.NUMBER  # noqa: PLR2004 - 2021-03-04
        text = str(said.get("text") or "")
        return same(text, f"{number} {currency}".strip(), kind)
    if number.count("-") == 2:  # noqa: PLR2004 - 2021-03-04
        return number in {str(plan.get("typed")), str(plan.get("number"))}
    told = plan.get("number")
    typed = plan.get("typed")
    if isinstance(typed, Mapping):
        told = typed.get("amount", told)
    same_currency = not currency or plan.get("currency") in (None, currency)
    return told is not None and amount(str(told)) == amount(number) and same_currency
