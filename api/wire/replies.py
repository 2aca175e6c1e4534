"""Replies to chats on the wire, as the OpenAI protocol has them; its models and errors, too."""

from typing import Literal

from pydantic import Field

from api.wire.parts import Out

_A_CHAT = "chatcmpl-019abc3f7d1e5a0c9b7e4f2a6d8c1b30"
_A_SECOND = 1_795_613_580


class ChatEvidenceOut(Out):
    """Where an answer stands: in a picture of the chat, or on a page of a document."""

    picture: int | None = Field(None, examples=[1], description="Which picture of the chat, from 1.")
    document: str | None = Field(None, examples=[None])
    page: int | None = Field(None, examples=[None])
    box: list[float] | None = Field(examples=[[0.1, 0.2, 0.3, 0.22]])


class AboutOut(Out):
    """What the protocol has no member for."""

    state: Literal["found", "not_found"] | None = Field(
        examples=["found"], description="Null where the model talks freely."
    )
    confidence: float | None = Field(examples=[0.93])
    evidence: ChatEvidenceOut | None


class ReplyMessageOut(Out):
    """The reply."""

    role: Literal["assistant"] = "assistant"
    content: str = Field(examples=["$1,204.00"])
    refusal: None = None
    folioscope: AboutOut


class TokenOut(Out):
    """A token of the reply. Some are parts of a character: `bytes` tells them as they are."""

    token: str = Field(examples=["$1"])
    bytes: list[int] = Field(examples=[[36, 49]])
    logprob: float = Field(examples=[-0.07], description="The natural logarithm of its probability; -9999 for none.")
    top_logprobs: list[None] = Field(default=[], examples=[[]])


class LogprobsOut(Out):
    """The tokens of the reply."""

    content: list[TokenOut]
    refusal: None = None


class ChoiceOut(Out):
    """The one reply."""

    index: int = 0
    message: ReplyMessageOut
    logprobs: LogprobsOut | None = Field(None, examples=[None])
    finish_reason: Literal["stop", "length"] = Field(examples=["stop"])


class UsageOut(Out):
    """Tokens: of the prompt a quarter of its characters; of the reply as the model counts, else a quarter as well."""

    prompt_tokens: int = Field(examples=[12])
    completion_tokens: int = Field(examples=[4])
    total_tokens: int = Field(examples=[16])


class ChatOut(Out):
    """A reply as a whole."""

    id: str = Field(examples=[_A_CHAT])
    object: Literal["chat.completion"] = "chat.completion"
    created: int = Field(examples=[_A_SECOND])
    model: str = Field(examples=["bundled"])
    choices: list[ChoiceOut]
    usage: UsageOut


class ModelOut(Out):
    """A model that is configured."""

    id: str = Field(examples=["bundled"])
    object: Literal["model"] = "model"
    created: int = Field(0, examples=[0], description="Always 0: a model of the configuration has no date.")
    owned_by: str = Field("folioscope", examples=["folioscope"])


class ModelsOut(Out):
    """The models that are configured."""

    object: Literal["list"] = "list"
    data: list[ModelOut]


class ChatError(Out):
    """What went wrong, in the protocol's words."""

    message: str = Field(examples=["There is no such document in this workspace."])
    type: str = Field(examples=["invalid_request_error"])
    param: str | None = Field(examples=[None])
    code: str = Field(
        description="Stable; the same codes as those of all other routes.", examples=["document-not-found"]
    )


class ChatProblem(Out):
    """An error of the routes that speak the OpenAI protocol."""

    error: ChatError
