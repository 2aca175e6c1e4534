"""How an answer is shown to people: what it says, where that stands, and what it was found among."""

from collections.abc import Sequence

from api.answers import Answer, Citation, Evidence, Plan
from api.commands.show import duration, note, percent, say

_MOST_OTHERS = 3
_MOST_CITED = 5
_MOST_GROUPS = 20


def show_answer(answer: Answer) -> None:
    """An answer for people, and on stderr what was looked at."""
    if answer.plan is not None:
        _show_exact(answer, answer.plan)
        return
    if answer.found:
        say(answer.text or "")
        say(f"  {percent(answer.confidence)} sure: {place_of(answer.evidence)}")
        if answer.supported_by:
            say(f"  also on {_list([place_of(one, box=False) for one in answer.supported_by], _MOST_OTHERS)}")
    else:
        say("Not in these documents.")
    for other in answer.alternatives[:_MOST_OTHERS]:
        mark = "or" if answer.found else "unsure"
        say(f"  {mark}: {other.text}  ({percent(other.confidence)}: {place_of(other.evidence)})")
    note(_looked(answer))


def place_of(evidence: Evidence | None, *, box: bool = True) -> str:
    """Where an answer stands, in words."""
    if evidence is None:
        return ""
    where = page_and_box_of(evidence) if box else f"page {evidence.page}"
    return f"{evidence.document_name or evidence.document}, {where}"


def page_and_box_of(evidence: Evidence) -> str:
    """Where in its document an answer stands, in words."""
    box = evidence.box and " ".join(f"{side:.2f}" for side in evidence.box.as_list())
    return f"page {evidence.page}" + (f", box {box}" if box else "")


def _looked(answer: Answer) -> str:
    """What was searched, and what a model has seen of it."""
    searched = answer.searched
    words = f"Searched {searched.pages:,} pages for {', '.join(searched.words)}. " if searched.words else ""
    looked = f"{words}Looked at {answer.pages_looked_at} pages"
    if answer.pages_unreadable:
        looked += f", {answer.pages_unreadable} of them unreadable"
    if answer.not_looked_at:
        looked += f"; {answer.not_looked_at} more were not looked at"
    if searched.unread and answer.not_looked_at:
        looked += f". {searched.unread:,} pages were never read: folioscope read"
    return looked + "."


def _show_exact(answer: Answer, plan: Plan) -> None:
    """An answer that was worked out, how, and from what."""
    text = answer.text or "Not in these documents."
    say(text)
    told = "" if plan.words in text else f"{plan.words}: "
    say(f"  {told}{plan.rows:,} {'value' if plan.rows == 1 else 'values'}{_left_out(plan)}")
    for group in plan.groups[:_MOST_GROUPS]:
        say(f"  {group.key}: {_number(group.number if group.number is not None else group.count)}")
    if len(plan.groups) > _MOST_GROUPS:
        say(f"  and {len(plan.groups) - _MOST_GROUPS:,} more")
    unsure = {(one.record, one.field) for one in plan.unsure}
    for one in plan.citations[:_MOST_CITED]:
        say(f"  {_cited(one)}{'  (unsure)' if (one.record, one.field) in unsure else ''}")
    if plan.rows > _MOST_CITED and plan.schema:
        where = f" --where '{plan.where}'" if plan.where else ""
        note(f"The first {_MOST_CITED} of {plan.rows:,} are shown; all: folioscope records {plan.schema}{where}")
    for missing in plan.missing[:_MOST_OTHERS]:
        note(f"Not counted: {missing.document_name or missing.document} ({missing.reason})")
    if plan.offer is not None:
        offer = plan.offer
        time = f", about {duration(offer.seconds)}" if offer.seconds is not None else ""
        note(f"To read it first: {offer.command} ({offer.pages:,} pages, {offer.model_calls:,} prompts{time})")


def _left_out(plan: Plan) -> str:
    told = [f"{count:,} {why}" for why, count in plan.left_out.items() if count]
    return f"; {', '.join(told)}" if told else ""


def _cited(one: Citation) -> str:
    page = f", page {one.page}" if one.page is not None else ""
    said = f": {one.text}" if one.text is not None else ""
    return f"{one.document_name or one.document}{page}{said}"


def _number(number: float | None) -> str:
    return "" if number is None else f"{number:,}"


def _list(places: Sequence[str], most: int) -> str:
    more = len(places) - most
    return "; ".join(places[:most]) + (f" and {more} more" if more > 0 else "")
