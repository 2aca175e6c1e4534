"""The OpenAI protocol: models, and chats about pictures and stored pages."""

from contextlib import AsyncExitStack
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from api.caller import CallerDep
from api.problems import Responses, chat_problems
from api.replies import ReplyStream, chat_out
from api.talk import looks_at, talk_of
from api.wire.chats import ChatIn
from api.wire.replies import ChatOut, ModelOut, ModelsOut
from core.errors import (
    CannotBeDone,
    DocumentNotFound,
    FileTooLarge,
    ModelNotFound,
    ModelUnavailable,
    PageNotFound,
    PasswordNeeded,
    PictureRefused,
    RequestTooLarge,
    TooManyPixels,
    TruncatedFile,
    UnknownModel,
    UnreadableFile,
    UnreadablePage,
)

router = APIRouter(prefix="/v1", tags=["chat"])

_STREAM: Responses = {
    200: {
        "description": "The reply; with `stream`, events that end with `[DONE]`, each a piece of the reply.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}
_REFUSALS = (PictureRefused, TooManyPixels, FileTooLarge, UnreadableFile, TruncatedFile, PasswordNeeded, UnreadablePage)

ModelId = Annotated[str, Path(description="A model's name.", examples=["bundled"])]


@router.post(
    "/chat/completions",
    summary="Chat about pages",
    response_model=ChatOut,
    responses=_STREAM
    | chat_problems(
        CannotBeDone, ModelNotFound, DocumentNotFound, PageNotFound, RequestTooLarge, *_REFUSALS, ModelUnavailable
    ),
)
async def chat(asked: ChatIn, caller: CallerDep, request: Request) -> Response:
    """As OpenAI's chat completions: any client of theirs works. Pictures come as data URLs, stored pages by document.

    Nothing of a chat is kept: its words and pictures are deleted when the reply is given, or when the caller goes away.
    """
    async with AsyncExitStack() as opened:
        talk = await opened.enter_async_context(talk_of(caller, asked))
        if asked.stream:
            return ReplyStream(caller, talk, asked, opened)
        async for reply in looks_at(caller, talk):
            if reply is not None:
                return JSONResponse(chat_out(talk, asked, reply).model_dump())
            if await request.is_disconnected():
                break
        raise ClientDisconnect


@router.get("/models", summary="List models", responses=chat_problems())
def list_models(caller: CallerDep) -> ModelsOut:
    """Those that are configured, in the form of OpenAI's list."""
    return ModelsOut(data=[ModelOut(id=name) for name in caller.desk.catalog.models])


@router.get("/models/{model:path}", summary="Show a model", responses=chat_problems(ModelNotFound))
def show_model(model: ModelId, caller: CallerDep) -> ModelOut:
    """Whether there is one of this name. A name may hold slashes."""
    try:
        caller.desk.catalog.entry(model)
    except UnknownModel as error:
        raise ModelNotFound(error.detail) from error
    return ModelOut(id=model)
