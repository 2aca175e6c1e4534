"""A question asked in a conversation: understood by the turns before it, then asked as any other."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from core.errors import DocumentNotFound, FolioscopeError
from core.settings import Settings
from storage import conversations, documents
from storage.database import Session
from storage.tables import Conversation, Job, Turn
from workers.asking import Asked, start_ask
from workers.followups import Meant, Rule, Told, follow_up
from workers.scopes import Scope, documents_in
from workers.vlm.catalog import Catalog

MOST_LOOKED_BACK = 20  # turns
_TURNS_ALONG = 5  # that a chat model is told with a question that no rule fits
_COMPARED = re.compile(r"""(?:~|=)\s*(?:"([^"]+)"|'([^']+)'|([^\s()"',]+))""")


@dataclass(frozen=True, slots=True)
class Understood:
    """How a turn's question was understood, as its job keeps it."""

    rule: Rule
    why: str
    narrowed: bool  # whether it was asked of fewer documents than the conversation is about

    def as_params(self) -> dict[str, Any]:
        """As the job's row keeps it."""
        return {"rule": self.rule.value, "why": self.why, "narrowed": self.narrowed}

    @classmethod
    def of(cls, job: Job) -> Self:
        """From the job of a turn."""
        kept = job.params.get("understood") or {}
        return cls(Rule(kept.get("rule", Rule.WHOLE)), str(kept.get("why", "")), bool(kept.get("narrowed")))


def ask_in(
    session: Session, settings: Settings, catalog: Catalog, workspace_id: str, conversation_id: str, question: str
) -> tuple[Turn, Job]:  # fmt: skip
    """The next turn of a conversation, with its job, in the caller's transaction; announce it after the commit.

    Who asks in the same conversation at once waits for this transaction. Raises ConversationNotFound, and what
    `start_ask` raises.
    """
    conversation = conversations.get_conversation(session, workspace_id, conversation_id, hold=True)
    scope = _still_there(session, workspace_id, Scope.of(conversation.scope))
    told = _told(session, conversation, scope)
    meant = _about_what_is_there(session, workspace_id, follow_up(question, told))
    narrowed = meant.documents is not None
    asked = Asked(meant.question, Scope(meant.documents) if narrowed else scope, conversation.model)
    job = start_ask(session, settings, catalog, workspace_id, asked)
    understood = Understood(meant.rule, meant.why, narrowed)
    along = {"turns": _turns_along(told)} if meant.rule is Rule.OPEN else {}
    job.params = {**job.params, "understood": understood.as_params(), **along}
    return conversations.add_turn(session, conversation, question.strip(), meant.question, job.id), job


def _still_there(session: Session, workspace_id: str, scope: Scope) -> Scope:
    """A conversation outlives documents of its scope, but not all of them. Raises DocumentNotFound."""
    if scope.documents is None:
        return scope
    names = documents.names_in(session, workspace_id, scope.documents)
    left = tuple(one for one in scope.documents if one in names)
    if not left:
        raise DocumentNotFound("All documents of the conversation were deleted.")
    return replace(scope, documents=left)


def _about_what_is_there(session: Session, workspace_id: str, meant: Meant) -> Meant:
    """The documents that a question points to may have been deleted; then it points to nothing."""
    if meant.documents is None:
        return meant
    names = documents.names_in(session, workspace_id, meant.documents)
    left = tuple(one for one in meant.documents if one in names)
    if left:
        return replace(meant, documents=left)
    return replace(meant, rule=Rule.OPEN, documents=None, why="What it points to was deleted.")


def _told(session: Session, conversation: Conversation, scope: Scope) -> list[Told]:
    """The last turns as a follow-up looks back on them, the oldest first, down to one that it may be bound to."""
    told: list[Told] = []
    for turn, job in conversations.last_turns(session, conversation.id, MOST_LOOKED_BACK):
        told.append(_turn_told(session, conversation.workspace_id, turn, job, scope))
        if told[-1].documents or told[-1].within:
            break
    return told[::-1]


def _turn_told(session: Session, workspace_id: str, turn: Turn, job: Job, scope: Scope) -> Told:
    result: Mapping[str, Any] = job.result or {}
    plan: Mapping[str, Any] = result.get("plan") or {}
    found = result.get("state") == "found"
    within = Scope.of(job.params.get("scope")).documents if Understood.of(job).narrowed else None
    return Told(
        question=turn.meant,
        answer=str(result["text"]) if found and result.get("text") is not None else None,
        documents=_documents_of(session, workspace_id, result, plan, within, scope) if found else (),
        within=within,
        names=_names_in(str(plan.get("where") or "")),
    )


def _documents_of(
    session: Session,
    workspace_id: str,
    result: Mapping[str, Any],
    plan: Mapping[str, Any],
    within: Sequence[str] | None,
    scope: Scope,
) -> tuple[str, ...]:
    """What an answer stands in: of an exact one all its rows, also those that it does not cite at once.

    Nothing where not all of them can be told any more: part of them would be taken for the whole.
    """
    if not plan:
        evidence = result.get("evidence") or {}
        return (str(evidence["document"]),) if evidence else ()
    cited = tuple(dict.fromkeys(str(one["document"]) for one in plan.get("citations") or ()))
    schema = plan.get("schema")
    if schema is None or int(plan.get("rows") or 0) <= len(plan.get("citations") or ()):
        return cited
    try:
        rows = documents_in(session, workspace_id, Scope(None, str(schema), plan.get("where")))
        inside = documents_in(session, workspace_id, Scope(tuple(within)) if within is not None else scope)
    except FolioscopeError:  # there are too many, or the schema has changed since
        return ()
    among = None if inside is None else set(inside)
    return tuple(one for one in rows or () if among is None or one in among)


def _names_in(where: str) -> tuple[str, ...]:
    """The words that a filter compares with."""
    literals = (next(part for part in found.groups() if part) for found in _COMPARED.finditer(where))
    return tuple(one for one in literals if any(letter.isalpha() for letter in one))


def _turns_along(told: Sequence[Told]) -> list[list[str]]:
    """The last turns as a chat tells them: role and text."""
    said: list[list[str]] = []
    for turn in told[-_TURNS_ALONG:]:
        said += [["user", turn.question], ["assistant", turn.answer or "Not in these documents."]]
    return said
