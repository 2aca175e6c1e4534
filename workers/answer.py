"""A question, asked of each page by itself; `workers.choice` makes one answer of what the pages say."""

from collections.abc import Callable, Sequence
from typing import Any

from core.records import ClaimedItem
from storage import jobs, ledger
from storage.blobs import BlobStore
from storage.database import Session, Sessions
from workers.confidence import Calibrator
from workers.infer import infer
from workers.inference import Inference, confidence_of, failure_of, is_kept
from workers.page_question import page_prompts
from workers.pages import find_picture
from workers.transcribe import put_along, reading_along
from workers.vlm.interface import Capability, Model, Prompt, PromptKind, Role, Turn, capabilities_of


def answer_page(
    sessions: Sessions, blobs: BlobStore, model: Model, owner: str, item: ClaimedItem, cancelled: Callable[[], bool]
) -> None:
    """Ask the job's question of the item's page, and finish the item with the reply. Fails as `extract_page` does."""
    with sessions() as session:
        picture = find_picture(session, item)
        prompts = prompts_asked(session, item, model)
    made: list[Inference] = []
    if not picture.blank:
        made = infer(sessions, blobs, model, item.workspace_id, picture.sha256, prompts, cancelled)
    along = reading_along(sessions, blobs, model, item, picture, made, cancelled)
    with sessions.begin() as session:
        meaning = Calibrator.of(session, item.workspace_id, model.identity.name)
        said = reply_of(surest(made), meaning) if made else {"text": None}
        ledger.finish(session, owner, item.id, item.attempt, said)
        put_along(session, item, picture, along)


def prompts_asked(session: Session, item: ClaimedItem, model: Model) -> tuple[Prompt, ...]:
    """What the item's job asks of a page: the question, or what a model that points understands of it.

    A model that holds talks is told the turns before a question that points back to nothing that was found.
    """
    params = jobs.get_job(session, item.workspace_id, item.job_id).params
    question = str(params["question"])
    if getattr(model, "points", False):
        return page_prompts(question, params.get("field"))
    told = params.get("turns") or () if Capability.CHAT in capabilities_of(model) else ()
    turns = tuple(Turn(Role(role), text) for role, text in told)
    return (Prompt("answer", PromptKind.QUESTION, question, turns=turns),)


def surest(made: Sequence[Inference]) -> Inference:
    """The one that says something with the most confidence; where none says anything, one that failed, or the first."""
    told = [one for one in made if failure_of(one.generation) is None and one.generation.text]
    failed = [one for one in made if failure_of(one.generation) is not None]
    return max(told, key=lambda one: confidence_of(one.generation) or 0.0, default=[*failed, *made][0])


def reply_of(inference: Inference, meaning: Calibrator | None) -> dict[str, Any]:
    """An inference as the item keeps it. One that failed in any way has no text, and says why.

    Its confidence is the share of such texts that is right, where labelled values tell it of the model; what the model
    said itself stands beside it.
    """
    generation = inference.generation
    failure = failure_of(generation)
    if failure is not None:
        return {"text": None, "reason": failure, "inference": inference.key if is_kept(inference) else None}
    said = confidence_of(generation)
    meant = None if meaning is None or said is None else meaning.of_answer(said)
    return {
        "text": generation.text,
        "confidence": said if meant is None else meant,
        "model_confidence": said,
        "box": generation.box.as_list() if generation.box else None,
        "inference": inference.key,
    }
