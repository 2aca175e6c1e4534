"""What all shapes on the wire are made of: storable text, ids, boxes; what is taken and given; what went wrong."""

import json
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

MOST_DOCUMENTS = 100_000  # named by one job; without a list, a job covers all there are
_DEEPEST = 100  # levels of JSON
AN_ID = "019abc3f7d1e5a0c9b7e4f2a6d8c1b30"
A_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
A_MOMENT = "2026-11-25T13:33:00Z"


def _storable(text: str) -> str:
    """Text that every database keeps: no NUL, no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        is_storable = False
    else:
        is_storable = "\0" not in text
    if not is_storable:
        raise ValueError("the text holds a character that cannot be stored")
    return text


def plain_json(body: dict[str, Any]) -> dict[str, Any]:
    """JSON that every database keeps, and that can be written down again."""
    if _depth(body) > _DEEPEST:
        raise ValueError(f"the JSON lies deeper than {_DEEPEST} levels")
    try:
        text = json.dumps(body, allow_nan=False, ensure_ascii=False)
        text.encode()
    except ValueError as error:
        raise ValueError("the JSON holds a number or a character that cannot be stored") from error
    if "\\u0000" in text:
        raise ValueError("the JSON holds a character that cannot be stored")
    return body


def _depth(body: object) -> int:
    """How deep the JSON is, counted level by level, and no further than it matters."""
    level: list[Any] = [body]
    depth = 0
    while level and depth <= _DEEPEST:
        depth += 1
        inner = [node.values() if isinstance(node, dict) else node for node in level if isinstance(node, dict | list)]
        level = [child for children in inner for child in children]
    return depth


Text: TypeAlias = Annotated[str, AfterValidator(_storable)]
Id: TypeAlias = Annotated[str, Field(pattern="^[0-9a-f]{32}$", examples=[AN_ID])]
Box: TypeAlias = Annotated[
    list[float], Field(min_length=4, max_length=4, description="x0, y0, x1, y1 as shares of the upright page.")
]


class In(BaseModel):
    """What a caller sends. A member that nobody knows is an error, not a silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Out(BaseModel):
    """What the service answers."""

    model_config = ConfigDict(frozen=True)


class Problem(BaseModel):
    """An error as problem+json (RFC 9457). Some carry further members that name their facts."""

    model_config = ConfigDict(extra="allow")

    type: str = Field("about:blank", examples=["about:blank"])
    title: str = Field(examples=["There is no such document in this workspace"])
    status: int = Field(examples=[404])
    code: str = Field(description="Stable; programs may rely on it.", examples=["document-not-found"])
    detail: str = Field(description="A sentence for people.")
    request_id: str | None = Field(None, description="The same as in the header X-Request-ID and in the log.")


class Failure(Out):
    """Why something has no result."""

    code: str = Field(examples=["unreadable-page"])
    detail: str | None = Field(examples=["The page could not be drawn by any engine."])
