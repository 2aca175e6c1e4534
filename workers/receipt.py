"""The completeness receipt: what became of a page, and of a document's and a job's pages together.

A receipt is plain JSON, so that it can stand in rows and on the wire. Whatever is short of all there is, is said.
"""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from core.errors import IncompletePage
from core.records import FieldValue, LayerVerdict, ValueState
from storage.receipts import PageReceipt

Json: TypeAlias = dict[str, Any]
_NAMED = 5  # fields that a sentence names
MOST_NAMED = 100  # pages that gave nothing which a job's receipt names
BLANK, NOTHING = "blank", "nothing-found"  # why a page gave nothing; else by the code of its gap
_CHECKS = ("checked", "verified", "snapped", "clashes")


def receipt_of_page(
    values: Sequence[FieldValue], tables: Mapping[str, tuple[int | None, int]] | None = None, *, blank: bool = False
) -> Json:
    """What became of a page. `tables` says of each array field how many rows were seen (None: unknown) and read."""
    states = Counter(value.state for value in values)
    checked = [value.verified for value in values if value.verified is not None]
    layers = Counter(value.layer for value in values)
    return {
        "outcome": "blank" if blank else "read",
        "found": states[ValueState.FOUND],
        "absent": states[ValueState.ABSENT],
        "short": [{"field": v.field, "code": v.reason} for v in values if v.state is ValueState.UNREADABLE],
        "tables": {field: {"seen": seen, "read": read} for field, (seen, read) in (tables or {}).items()},
        "checked": len(checked),
        "verified": sum(checked),
        "snapped": layers[LayerVerdict.SNAPPED],
        "clashes": layers[LayerVerdict.CLASHES],
    }


def gap_of(receipt: Mapping[str, Any]) -> tuple[str, str] | None:
    """Code and sentence of what a page is short of; None where all that was asked for was read."""
    short = shortfall(receipt)
    return None if short is None else (short.code, short.detail)


def shortfall(receipt: Mapping[str, Any], told: Container[str] = ()) -> IncompletePage | None:
    """What a page is short of, as the error that its gap shows; None where all that was asked for was read.

    `told` are the fields of which somebody has said what stands there: of these nothing is missing any more. Rows that
    a model listed to the end without saying how many there are, are no gap: the receipt tells that nobody counted them.
    """
    short = [one for one in receipt["short"] if one["field"] not in told]
    said = []
    if short:
        named = ", ".join(f"{one['field']} ({one['code']})" for one in short[:_NAMED])
        more = f" and {len(short) - _NAMED} more" if len(short) > _NAMED else ""
        said.append(f"{_fields(len(short))} could not be read: {named}{more}.")
    broken_off = {one["field"] for one in receipt["short"]}
    for field, rows in receipt["tables"].items():
        if rows["seen"] is None:
            said += [f"How many rows {field} has here is not known; {rows['read']} were read."] * (field in broken_off)
        elif rows["read"] < rows["seen"]:
            said.append(f"{rows['read']} of {rows['seen']} rows of {field} were read.")
    return IncompletePage(" ".join(said)) if said else None


def receipt_of_pages(pages: Mapping[int, Mapping[str, Any]], failed: Iterable[int]) -> Json:
    """What became of a document's pages, by their numbers; `failed` are those that gave no result at all."""
    missing = sorted(failed)
    looked_at = {number: receipt for number, receipt in sorted(pages.items()) if number not in set(missing)}
    return {
        "pages": len(looked_at) + len(missing),
        "looked_at": len(looked_at),
        "blank": [number for number, receipt in looked_at.items() if receipt["outcome"] == "blank"],
        "nothing_found": [number for number, receipt in looked_at.items() if why_nothing(receipt) not in {None, BLANK}],
        "short": [number for number, receipt in looked_at.items() if shortfall(receipt)],
        "failed": missing,
        "tables": _tables(looked_at.values()),
        **_checks(looked_at.values()),
    }


def why_nothing(receipt: Mapping[str, Any]) -> str | None:
    """Why a page gave no value and no row: BLANK, NOTHING, or the code of its gap; None where it gave some."""
    if receipt["outcome"] == "blank":
        return BLANK
    if receipt["found"] or _rows(receipt):
        return None
    short = shortfall(receipt)
    return NOTHING if short is None else short.code


def receipt_of_job(pages: Iterable[PageReceipt], failed: int) -> Json:
    """The same over a job's pages, in numbers; those that gave nothing are named, up to MOST_NAMED."""
    told = list(pages)
    receipts = [one.receipt for one in told]
    empty = [(one, why) for one in told if (why := why_nothing(one.receipt)) is not None]
    return {
        "pages": len(receipts) + failed,
        "looked_at": len(receipts),
        "blank": sum(why == BLANK for _, why in empty),
        "nothing_found": sum(why != BLANK for _, why in empty),
        "gave_nothing": [
            {"document_id": one.document_id, "document_name": one.document_name, "page": one.page, "why": why}
            for one, why in empty[:MOST_NAMED]
        ],
        "short": sum(shortfall(receipt) is not None for receipt in receipts),
        "failed": failed,
        "tables": _tables(receipts),
        **_checks(receipts),
    }


def _fields(count: int) -> str:
    return "1 field" if count == 1 else f"{count} fields"


def _rows(receipt: Mapping[str, Any]) -> int:
    return sum(rows["read"] for rows in receipt["tables"].values())


def _tables(receipts: Iterable[Mapping[str, Any]]) -> Json:
    """Rows seen and read, added up; not known where one page does not know."""
    sums: dict[str, Json] = {}
    for receipt in receipts:
        for field, rows in receipt["tables"].items():
            so_far = sums.setdefault(field, {"seen": 0, "read": 0})
            unknown = so_far["seen"] is None or rows["seen"] is None
            so_far["seen"] = None if unknown else so_far["seen"] + rows["seen"]
            so_far["read"] += rows["read"]
    return sums


def _checks(receipts: Iterable[Mapping[str, Any]]) -> Json:
    receipts = list(receipts)
    return {name: sum(receipt[name] for receipt in receipts) for name in _CHECKS}
