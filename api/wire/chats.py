"""Chats on the wire, as the OpenAI protocol has them."""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from api.wire.formats import ResponseFormat
from api.wire.parts import Id, In, Text

_MOST_MESSAGES = 1_000
_MOST_PARTS = 2_000  # of all messages together
_MOST_MEMBERS = 100  # of the request itself
_LONGEST_TEXT = 100_000  # characters of one message
_LARGEST = 2**31 - 1

Said: TypeAlias = Annotated[Text, Field(max_length=_LONGEST_TEXT, examples=["What is the total?"])]
Count: TypeAlias = Annotated[int, Field(ge=1, le=_LARGEST)]


def _form_of(content: object) -> str:
    return "parts" if isinstance(content, list) else "text"


class TextPart(In):
    """Words."""

    type: Literal["text"]
    text: Said


class ImageUrl(In):
    """Where a picture is."""

    url: str = Field(
        description="A PNG, JPEG or TIFF of one page as a data URL; a link only where the service is told to fetch.",
        examples=["data:image/png;base64,iVBORw0KGgo..."],
    )
    detail: Literal["auto", "low", "high"] | None = Field(None, description="Without effect.")


class ImagePart(In):
    """A picture that comes with the chat. It is deleted when the reply is given."""

    type: Literal["image_url"]
    image_url: ImageUrl


class DocumentRef(In):
    """A document of the workspace."""

    id: Id
    pages: list[Count] | None = Field(None, min_length=1, max_length=1_000, description="Default: all pages.")


class DocumentPart(In):
    """Pages that are stored already."""

    type: Literal["document"]
    document: DocumentRef


Part: TypeAlias = Annotated[TextPart | ImagePart | DocumentPart, Field(discriminator="type")]

Words: TypeAlias = Annotated[
    Annotated[Said, Tag("text")] | Annotated[list[TextPart], Tag("parts")], Discriminator(_form_of)
]
WordsAndPictures: TypeAlias = Annotated[
    Annotated[Said, Tag("text")] | Annotated[list[Part], Tag("parts")], Discriminator(_form_of)
]


class SystemMessage(In):
    """How the model is to behave."""

    role: Literal["system", "developer"]
    content: Words
    name: Text | None = None


class UserMessage(In):
    """What the user says and shows."""

    role: Literal["user"]
    content: WordsAndPictures
    name: Text | None = None


class AssistantMessage(BaseModel):
    """What the model said before. Members of an earlier reply that mean nothing here are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    role: Literal["assistant"]
    content: Words | None = None


Message: TypeAlias = Annotated[SystemMessage | UserMessage | AssistantMessage, Field(discriminator="role")]


class StreamOptions(In):
    """What a stream tells besides the reply."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = Field(None, description="Without effect.")


class ChatIn(In):
    """A chat about pictures and pages. It shows at least one, and the user has the last word."""

    model: Text = Field(max_length=200, description="A name that `GET /v1/models` lists.", examples=["bundled"])
    messages: list[Message] = Field(min_length=1, max_length=_MOST_MESSAGES)
    stream: bool | None = Field(None, description="Server-sent events instead of one answer.", examples=[False])
    stream_options: StreamOptions | None = None
    stop: Said | Annotated[list[Said], Field(max_length=4)] | None = Field(
        None, description="The reply ends before the first of these."
    )
    n: Literal[1] | None = None
    response_format: ResponseFormat | None = Field(
        None, description="Text, or JSON that is checked before it is given; of models that can talk."
    )
    logprobs: bool | None = Field(
        None, description="Tell the tokens of the reply and how likely they were, where the model tells them."
    )
    top_logprobs: int | None = Field(None, ge=0, le=20, description="Refused above 0: of other tokens nothing is told.")
    max_completion_tokens: Count | None = Field(None, description="Most tokens of the reply, where the model counts.")
    max_tokens: Count | None = Field(None, description="The older name of `max_completion_tokens`.")
    tools: list[dict[str, Any]] | None = Field(None, description="Refused: no tools are called here.", examples=[None])
    tool_choice: str | dict[str, Any] | None = Field(None, description="Refused, unless it is `none`.", examples=[None])
    functions: list[dict[str, Any]] | None = Field(None, description="Refused.", examples=[None])
    function_call: str | dict[str, Any] | None = Field(
        None, description="Refused, unless it is `none`.", examples=[None]
    )
    # Known to the protocol, and without effect here: replies are the most probable ones, and nothing of a chat is kept.
    temperature: float | None = Field(None, description="Without effect: replies are the most probable ones.")
    top_p: float | None = Field(None, description="Without effect.")
    seed: int | None = Field(None, description="Without effect.")
    frequency_penalty: float | None = Field(None, description="Without effect.")
    presence_penalty: float | None = Field(None, description="Without effect.")
    store: bool | None = Field(None, description="Without effect: nothing is stored.")
    metadata: dict[str, str] | None = Field(None, description="Without effect.")
    parallel_tool_calls: bool | None = Field(None, description="Without effect.")
    user: str | None = Field(None, description="Without effect.")
    safety_identifier: str | None = Field(None, description="Without effect.")
    prompt_cache_key: str | None = Field(None, description="Without effect.")
    prompt_cache_retention: str | None = Field(None, description="Without effect.")
    service_tier: str | None = Field(None, description="Without effect.")
    reasoning_effort: str | None = Field(None, description="Without effect.")
    verbosity: str | None = Field(None, description="Without effect.")

    @model_validator(mode="before")
    @classmethod
    def _is_small(cls, sent: Any) -> Any:
        """Counted before anything is looked at one by one: what fits into a request would take half a minute."""
        if isinstance(sent, dict):
            _check_counts(sent)
        return sent


def _check_counts(sent: dict[str, Any]) -> None:
    messages = sent.get("messages")
    messages = messages if isinstance(messages, list) else []
    contents = [message.get("content") for message in messages if isinstance(message, dict)]
    parts = sum(len(content) for content in contents if isinstance(content, list))
    if len(sent) > _MOST_MEMBERS or len(messages) > _MOST_MESSAGES or parts > _MOST_PARTS:
        raise ValueError(f"a chat has at most {_MOST_MESSAGES} messages, and {_MOST_PARTS} parts in all of them")
