"""Conversations on the wire: their scope, their turns, how each question was understood."""

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field

from api.wire.parts import A_MOMENT, AN_ID, MOST_DOCUMENTS, Id, In, Out, Text
from api.wire.questions import AnswerOut, RecordsIn
from core.records import JobState

MOST_NAMED = 50  # documents that a turn names


class ConversationIn(In):
    """What a conversation is about."""

    documents: list[Id] | None = Field(
        None, max_length=MOST_DOCUMENTS, description="Default: all documents of the workspace.", examples=[[AN_ID]]
    )
    records: RecordsIn | None = Field(None, description="Instead of `documents`: those of some records.")
    model: Text | None = Field(
        None, max_length=200, description="A configured model's name; default: that of questions.", examples=[None]
    )


class AskInIn(In):
    """The next question of a conversation."""

    question: Text = Field(min_length=1, max_length=1_000, pattern=r"\S", examples=["and in 2023?"])
    wait: float = Field(30.0, ge=0, le=60, description="Seconds to wait for the answer.", examples=[30])


class RecordsOut(Out):
    """Records whose documents a conversation is about."""

    schema_: str = Field(alias="schema", examples=["invoice"])
    where: str | None = Field(examples=["total >= 1000"])

    model_config = ConfigDict(frozen=True, populate_by_name=True)


class ConversationOut(Out):
    """A conversation: what it is about, and how far it is."""

    id: str = Field(examples=[AN_ID])
    document_count: int | None = Field(examples=[None], description="Documents it was made about; null: no list.")
    records: RecordsOut | None
    model: str | None = Field(examples=[None])
    turns: int = Field(examples=[2])
    first_question: str | None = Field(examples=["How many invoices did Acme send in 2022?"])
    created_at: datetime = Field(examples=[A_MOMENT])


class ConversationsOut(Out):
    """Conversations, newest first."""

    items: list[ConversationOut]
    next_cursor: str | None = Field(examples=[None], description="The next page's `cursor`; null at the end.")


class NarrowedOut(Out):
    """A document that a question was narrowed to."""

    document: str = Field(examples=[AN_ID])
    document_name: str | None = Field(examples=["invoice.pdf"], description="Null where it was deleted.")


class TurnOut(Out):
    """A question, how it was understood, and its answer."""

    number: int = Field(examples=[2], description="From 1.")
    question: str = Field(examples=["and in 2023?"], description="As it was asked.")
    meant: str = Field(
        examples=["How many invoices did Acme send in 2023?"], description="As it was understood: what was asked."
    )
    rule: Literal["first", "whole", "parts", "points", "open"] = Field(
        examples=["parts"],
        description="Whether it stands by itself (`first`, `whole`), takes `parts` of the question before, `points` to "
        "an answer, or was left `open`: it points back to nothing that was found, and is asked as it stands.",
    )
    why: str = Field(examples=["“2023” takes the place of its like in the question before."])
    narrowed_to: list[NarrowedOut] | None = Field(
        examples=[None],
        description=f"The documents that it points to, at most {MOST_NAMED}; null: all of the conversation.",
    )
    narrowed_count: int | None = Field(examples=[None], description="How many these are.")
    job_id: str = Field(examples=[AN_ID])
    state: JobState = Field(examples=["succeeded"])
    answer: AnswerOut | None = Field(description="Null while there is none.")
    created_at: datetime = Field(examples=[A_MOMENT])


class TurnsOut(Out):
    """A conversation with its turns, the first one first."""

    conversation: ConversationOut
    items: list[TurnOut]
    next_cursor: str | None = Field(examples=[None], description="The next page's `cursor`; null at the end.")
