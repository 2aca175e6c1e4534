"""A chat: all pages at once for a model that can talk, a question to each page for all others."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PIL import Image

from core.errors import (
    CannotBeDone,
    FolioscopeError,
    GenerationCutShort,
    GenerationLoops,
    InvalidOutput,
    InvalidRequest,
    NotFound,
    PageNotFound,
    error_named,
)
from core.records import Box, ClaimedItem, StopReason
from storage import chats, ledger
from storage.blobs import BlobStore
from storage.chats import Chat, ChatPage, ShownPage
from storage.database import Sessions
from workers.best import Reading, supported
from workers.infer import Interrupted
from workers.inference import confidence_of
from workers.pages import pictures_of
from workers.vlm.interface import (
    Capability,
    Generation,
    Model,
    PageRequest,
    Prompt,
    PromptKind,
    Role,
    Token,
    Turn,
    capabilities_of,
)

Reply = Mapping[str, Any]
_IN_FORM = "{text}\n\nReply with JSON and nothing else. It is to fit this JSON Schema: {schema}"
_NEVER = -9999.0  # the logarithm of a probability that is too small for a number, as the protocol has it


def reply_to_chat(
    sessions: Sessions,
    blobs: BlobStore,
    model: Model,
    owner: str,
    item: ClaimedItem,
    cancelled: Callable[[], bool],
    threshold: float,
) -> None:
    """Finish the item with the model's reply. Nothing of it is cached: it is gone as soon as it has been given.

    A page that is gone or could not be drawn fails the chat with the page's own reason. Raises LeaseLost, Interrupted
    on a cancel, JobNotFound where nobody waits for the reply.
    """
    with sessions() as session:
        chat = chats.get_chat(session, item.workspace_id, item.job_id)
    try:
        shown = _shown(sessions, item.workspace_id, chat)
    except NotFound as error:  # else it would look as if the chat were gone
        with sessions.begin() as session:
            ledger.fail(
                session, owner, item.id, item.attempt, error.code, error.detail, retry=False, max_attempts=item.attempt
            )
        return
    if cancelled():
        raise Interrupted
    pictures = pictures_of(blobs, [page.sha256 for page in shown])
    reply = _reply(model, chat, list(zip(shown, pictures, strict=True)), cancelled, threshold)
    with sessions.begin() as session:
        ledger.finish(session, owner, item.id, item.attempt, {**reply, "model": model.identity.name})


def _shown(sessions: Sessions, workspace_id: str, chat: Chat) -> list[ShownPage]:
    """The pictures of the chat's pages. Raises the failure of a page that has none."""
    shown = []
    with sessions() as session:
        for page in chat.pages:
            found = chats.find_page(session, workspace_id, page)
            if found is None:
                raise PageNotFound("A page of the chat has no picture yet.")
            shown.append(found)
    return shown


def _reply(
    model: Model,
    chat: Chat,
    pages: Sequence[tuple[ShownPage, Image.Image]],
    cancelled: Callable[[], bool],
    threshold: float,
) -> Reply:
    can = capabilities_of(model)
    if Capability.CHAT in can:
        return _talk(model, chat, [image for _, image in pages], cancelled)
    if chat.schema is not None or chat.logprobs:
        wish = "reply in JSON" if chat.schema is not None else "tell the probabilities of its tokens"
        raise CannotBeDone(f"The model {model.identity.name} points at what a page says; it cannot {wish}.")
    if Capability.ASK in can:
        return _ask(model, chat, pages, cancelled, threshold)
    raise InvalidRequest(f"The model {model.identity.name} can neither talk about pages nor answer questions.")


def _talk(model: Model, chat: Chat, images: Sequence[Image.Image], cancelled: Callable[[], bool]) -> Reply:
    """All turns and all pages at once. A reply that ran out of its budget says so, with what the model tells of it.

    One that is to be JSON is whole and fits its schema, or fails the chat. Raises CannotBeDone where tokens are wanted
    and not told.
    """
    turns = _in_form(_turns(chat), chat.schema)
    prompt = Prompt("reply", PromptKind.CHAT, turns[-1].text, schema=chat.schema, turns=turns, budget=chat.budget)
    ((generation,),) = model.generate([PageRequest(images[0], (prompt,), tuple(images[1:]))], cancelled)
    cut = generation.stop is StopReason.BUDGET and generation.error is None and chat.schema is None
    if not cut and (failure := _failure(generation)):
        raise failure
    text = generation.text or ""
    if chat.schema is not None:
        text = _json_in(text, chat.schema)
    if chat.logprobs and generation.text and generation.tokens is None:
        raise CannotBeDone(f"The model {model.identity.name} does not tell the probabilities of its tokens.")
    return {
        "state": None,
        "text": text,
        "finish_reason": "length" if cut else "stop",
        "confidence": confidence_of(generation),
        "evidence": None,
        "tokens": _tokens([generation]),
        "logprobs": [_told(token) for token in generation.tokens or ()] if chat.logprobs else None,
    }


def _ask(
    model: Model,
    chat: Chat,
    pages: Sequence[tuple[ShownPage, Image.Image]],
    cancelled: Callable[[], bool],
    threshold: float,
) -> Reply:
    """The last turn as a question to each page; the answer is the most confident one, or that there is none."""
    turns = _turns(chat)
    prompt = Prompt("answer", PromptKind.QUESTION, turns[-1].text, turns=turns[:-1], budget=chat.budget)
    inked = [(place, image) for place, (page, image) in zip(chat.pages, pages, strict=True) if not page.blank]
    generations = [said for (said,) in model.generate([PageRequest(image, (prompt,)) for _, image in inked], cancelled)]
    failures = [failure for generation in generations if (failure := _failure(generation))]
    readings = [
        Reading(generation.text, confidence_of(generation), "", number, generation.box)
        for number, generation in enumerate(generations)
        if generation.text and not _failure(generation)
    ]
    if failures and not readings:
        raise failures[0]
    best = next(iter(supported(readings)), None)
    if best is None or (best.confidence is not None and best.confidence < threshold):
        return _answer("not_found", None, None if best is None else best.confidence, None, generations)
    evidence = _evidence(inked[best.page][0], best.box)
    return _answer("found", best.text, best.confidence, evidence, generations)


def _answer(
    state: str,
    text: str | None,
    confidence: float | None,
    evidence: dict[str, Any] | None,
    generations: Sequence[Generation],
) -> Reply:
    said = {"state": state, "text": text, "finish_reason": "stop", "confidence": confidence}
    return said | {"evidence": evidence, "tokens": _tokens(generations)}


def _turns(chat: Chat) -> tuple[Turn, ...]:
    return tuple(Turn(Role(role), text) for role, text in chat.turns)


def _in_form(turns: tuple[Turn, ...], schema: Mapping[str, Any] | None) -> tuple[Turn, ...]:
    """The turns, with the wanted form in the last one: not every server holds its model to a schema."""
    if schema is None:
        return turns
    *before, last = turns
    text = _IN_FORM.format(text=last.text, schema=json.dumps(schema, ensure_ascii=False))
    return (*before, Turn(last.role, text))


def _json_in(text: str, schema: Mapping[str, Any]) -> str:
    """The JSON that the text is. Raises InvalidOutput unless it fits, whatever its model promised."""
    from workers.vlm.form import find_json  # noqa: PLC0415 - a process that draws pages alone lacks what this needs

    found = find_json(text, schema)
    if found.wrong is not None:
        raise InvalidOutput
    return text[found.start : found.end]


def _told(token: Token) -> tuple[str, float]:
    """A token as a row keeps it: bytes in hexadecimal digits, as it may hold what no text can, and its logarithm."""
    return token.data.hex(), math.log(token.probability) if token.probability > 0 else _NEVER


def _failure(generation: Generation) -> FolioscopeError | None:
    """Why a generation is a failure to report, never a reply. Raises Interrupted where it was broken off."""
    if generation.stop is StopReason.CANCELLED:
        raise Interrupted
    if generation.error is None and generation.stop is StopReason.END:
        return None
    if generation.error is not None:
        return error_named(generation.error, None)
    return GenerationLoops() if generation.stop is StopReason.LOOP else GenerationCutShort()


def _tokens(generations: Sequence[Generation]) -> int | None:
    """How many tokens the model has written; None where it does not tell."""
    counts = [len(said.probabilities) for said in generations if said.probabilities is not None]
    return sum(counts) if counts else None


def _evidence(place: ChatPage, box: Box | None) -> dict[str, Any]:
    where: dict[str, Any] = (
        {"picture": place.number}
        if place.document_id is None
        else {"document": place.document_id, "page": place.number}
    )
    return where | {"box": box.as_list() if box else None}
