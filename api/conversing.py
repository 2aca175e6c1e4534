"""What the client does about conversations: begin one, ask in it, look back on it."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from api.answers import Answer
from api.listening import Listening, Step
from api.results import made_from
from core.errors import FolioscopeError
from core.records import FINAL_JOB_STATES, JobState

_LONGEST_ASK = 30  # seconds that one request waits for an answer


@dataclass(frozen=True, slots=True)
class ScopeOfRecords:
    """The documents of the records of a schema that pass a filter."""

    schema: str
    where: str | None


@dataclass(frozen=True, slots=True)
class Conversation:
    """Questions that follow each other over the same documents."""

    id: str
    document_count: int | None  # None: no list of documents was given
    records: ScopeOfRecords | None
    model: str | None
    turns: int
    first_question: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A document that a question was narrowed to."""

    document: str
    document_name: str | None


@dataclass(frozen=True, slots=True)
class Turn:
    """A question, what it was taken to mean by which `rule` and `why`, and its answer; None while there is none."""

    number: int
    question: str
    meant: str
    rule: str  # first, whole, parts, points or open
    why: str
    job_id: str
    state: JobState
    answer: Answer | None
    created_at: datetime
    narrowed_to: tuple[Narrowed, ...] | None = None  # the first of the documents that it points to
    narrowed_count: int | None = None


TurnEvent: TypeAlias = Step | Turn


class Conversing(Listening):
    """The part of the client that is about conversations."""

    def begin_conversation(
        self,
        documents: Sequence[str] | None = None,
        *,
        records: str | None = None,
        where: str | None = None,
        model: str | None = None,
    ) -> Conversation:
        """Begin one over these documents (ids), those of the `records` of a schema that pass `where`, or all.

        Raises DocumentNotFound, SchemaNotFound, InvalidFilter and UnknownModel.
        """
        about: dict[str, object] = {"documents": None if documents is None else list(documents), "model": model}
        if records is not None or where is not None:
            about["records"] = {"schema": records or "", "where": where}
        return made_from(Conversation, self._post("/v1/conversations", about))

    def conversations(self) -> Iterator[Conversation]:
        """All conversations, the newest first."""
        return self._each(Conversation, "/v1/conversations")

    def conversation(self, conversation_id: str) -> Conversation:
        """One conversation. Raises ConversationNotFound."""
        return made_from(Conversation, self._get(f"/v1/conversations/{conversation_id}", {"limit": 1})["conversation"])

    def turns(self, conversation_id: str) -> Iterator[Turn]:
        """Its turns with their answers, the first one first. Raises ConversationNotFound."""
        return self._each(Turn, f"/v1/conversations/{conversation_id}")

    def delete_conversation(self, conversation_id: str) -> None:
        """Delete a conversation with its turns. Raises ConversationNotFound."""
        self._request("DELETE", f"/v1/conversations/{conversation_id}")

    def ask_in(self, conversation_id: str, question: str) -> Turn:
        """Ask the next question and wait for its answer; `meant` tells how it was understood.

        Raises ConversationNotFound, and FolioscopeError where there is no answer at all.
        """
        body = {"question": question, "wait": _LONGEST_ASK}
        key = {"Idempotency-Key": uuid.uuid4().hex}  # the same request again waits for the same answer
        while True:
            said = self._request("POST", f"/v1/conversations/{conversation_id}/ask", json=body, headers=key).json()
            turn = made_from(Turn, said)
            if turn.answer is not None:
                return turn
            if turn.state in FINAL_JOB_STATES:
                gaps = self._get(f"/v1/jobs/{turn.job_id}").get("gaps", ())
                why = next((gap["detail"] for gap in gaps if gap["detail"]), f"the job is {turn.state}")
                raise FolioscopeError(f"There is no answer: {why}", job=turn.job_id)

    def ask_in_events(self, conversation_id: str, question: str) -> Iterator[TurnEvent]:
        """Ask as `ask_in` does, and hear what becomes of it.

        Told are the turn without an answer, which says how the question was understood, what is searched, which pages
        are looked at, and the turn with its answer. Raises as `ask_in` does.
        """
        path = f"/v1/conversations/{conversation_id}/ask"
        return self._listen(path, {"question": question}, "turn", Turn, lambda turn: turn.answer is not None)
