"""Shapes of the OpenAI protocol on the wire: chats, their replies whole and in pieces, models, errors."""

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from api.wire.base import Id, In, Out, Text

_MOST_MESSAGES = 1_000
_LONGEST_TEXT = 100_000  # characters of one message
_A_CHAT = "chatcmpl-019abc3f7d1e5a0c9b7e4f2a6d8c1b30"
_A_SECOND = 1_795_613_580
_LARGEST = 2**31 - 1

Said: TypeAlias = Annotated[Text, Field(max_length=_LONGEST_TEXT, examples=["What is the total?"])]
Count: TypeAlias = Annotated[int, Field(ge=1, le=_LARGEST)]


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


class SystemMessage(In):
    """How the model is to behave."""

    role: Literal["system", "developer"]
    content: Said | list[TextPart]
    name: Text | None = None


class UserMessage(In):
    """What the user says and shows."""

    role: Literal["user"]
    content: Said | list[Part]
    name: Text | None = None


class AssistantMessage(BaseModel):
    """What the model said before. Members of an earlier reply that mean nothing here are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    role: Literal["assistant"]
    content: Said | list[TextPart] | None = None


Message: TypeAlias = Annotated[SystemMessage | UserMessage | AssistantMessage, Field(discriminator="role")]


class StreamOptions(In):
    """What a stream tells besides the reply."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = Field(None, description="Without effect.")


class TextFormat(In):
    """Plain text, the only format of a reply."""

    type: Literal["text"]


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
    response_format: TextFormat | None = None
    logprobs: Literal[False] | None = None
    max_completion_tokens: Count | None = Field(None, description="Most tokens of the reply, where the model counts.")
    max_tokens: Count | None = Field(None, description="The older name of `max_completion_tokens`.")
    # Known to the protocol, and without effect here: replies are the most probable ones, and nothing of a chat is kept.
    temperature: float | None = Field(None, description="Without effect: replies are the most probable ones.")
    top_p: float | None = Field(None, description="Without effect.")
    seed: int | None = Field(None, description="Without effect.")
    frequency_penalty: float | None = Field(None, description="Without effect.")
    presence_penalty: float | None = Field(None, description="Without effect.")
    store: bool | None = Field(None, description="Without effect: nothing is stored.")
    metadata: dict[str, str] | None = Field(None, description="Without effect.")
    user: str | None = Field(None, description="Without effect.")
    safety_identifier: str | None = Field(None, description="Without effect.")
    prompt_cache_key: str | None = Field(None, description="Without effect.")
    prompt_cache_retention: str | None = Field(None, description="Without effect.")
    service_tier: str | None = Field(None, description="Without effect.")
    reasoning_effort: str | None = Field(None, description="Without effect.")
    verbosity: str | None = Field(None, description="Without effect.")


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


class ChoiceOut(Out):
    """The one reply."""

    index: int = 0
    message: ReplyMessageOut
    logprobs: None = None
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
