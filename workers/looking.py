"""A page shown to a model with the one prompt of its job: to be described, to be sorted, or to find something on it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from core.errors import ModelCannot, error_named
from core.records import ClaimedItem, JobKind
from storage import jobs, ledger
from storage.blobs import BlobStore
from storage.database import Session, Sessions
from storage.tables import Job
from workers import classify, describe, locate
from workers.infer import recall, run
from workers.inference import Inference, failure_of
from workers.pages import find_picture, picture_of
from workers.transcribe import put_along, reading_along
from workers.vlm.interface import NEEDS, Generation, Model, PageRequest, Prompt, PromptKind, capabilities_of


@dataclass(frozen=True, slots=True)
class Look:
    """What a kind of job asks of a page, and what it keeps of the reply."""

    asks: PromptKind
    prompt_of: Callable[[Mapping[str, Any]], Prompt]
    said_in: Callable[[Inference], dict[str, Any]]


LOOKS: Mapping[JobKind, Look] = MappingProxyType(
    {
        JobKind.DESCRIBE: Look(PromptKind.DESCRIBE, describe.prompt_of, describe.said_in),
        JobKind.CLASSIFY: Look(PromptKind.CLASSIFY, classify.prompt_of, classify.said_in),
        JobKind.LOCATE: Look(PromptKind.LOCATE, locate.prompt_of, locate.said_in),
    }
)


def look_at_page(
    sessions: Sessions, blobs: BlobStore, model: Model, owner: str, item: ClaimedItem, cancelled: Callable[[], bool]
) -> None:
    """Ask the job's prompt of the item's page, and finish the item with what it says.

    A blank page has nothing, and the model is not asked. A generation that went wrong fails the item, and is kept, so
    that nobody pays for it twice. Raises ModelCannot for a model that is not one for it, LeaseLost, Interrupted, and
    the page's own failure.
    """
    look = LOOKS[item.job_kind]
    if NEEDS[look.asks] not in capabilities_of(model):
        raise ModelCannot(f"The model {model.identity.name} cannot {item.job_kind.value} pages; name another one.")
    with sessions() as session:
        picture = find_picture(session, item)
        prompt = prompt_asked(session, item)
    made: list[Inference] = []
    if not picture.blank:
        made = _inferred(sessions, blobs, model, item, picture.sha256, prompt, cancelled)
    whole = prompt.region is None
    along = reading_along(sessions, blobs, model, item, picture, made, cancelled) if whole else None
    failure = failure_of(made[0].generation) if made else None
    with sessions.begin() as session:
        if failure is None:
            said = look.said_in(made[0]) | {"inference": made[0].key} if made else {"text": None, "blank": True}
            ledger.finish(session, owner, item.id, item.attempt, said | {"model": model.identity.name})
        else:
            error = error_named(failure, None)
            ledger.fail(session, owner, item.id, item.attempt, error.code, error.detail, retry=False, max_attempts=1)
        put_along(session, item, picture, along)


def prompt_asked(session: Session, item: ClaimedItem) -> Prompt:
    """What the item's job asks of its page."""
    job = jobs.get_job(session, item.workspace_id, item.job_id)
    return LOOKS[item.job_kind].prompt_of(job.params)


def summary_of(session: Session, job: Job) -> dict[str, Any]:
    """The result of a job that looks at pages, once all its items are final."""
    replies = [(document, page, said or {}) for document, page, said in jobs.replies(session, job.id)]
    failed = jobs.progress(session, job.id).failed
    if job.kind is JobKind.CLASSIFY:
        return classify.summary_of(replies, job.params["labels"], failed)
    if job.kind is JobKind.LOCATE:
        return locate.summary_of([(document, said) for document, _, said in replies], failed)
    return describe.summary_of([said for _, _, said in replies], failed)


def _inferred(
    sessions: Sessions,
    blobs: BlobStore,
    model: Model,
    item: ClaimedItem,
    image_sha256: str,
    prompt: Prompt,
    cancelled: Callable[[], bool],
) -> list[Inference]:
    """What a model says of the page, from the cache where it is known; a region is shown to it alone, cut out."""

    def ask(missing: Sequence[Prompt]) -> list[Generation]:
        page = picture_of(blobs, image_sha256)
        if prompt.region is None:
            return run(model, [PageRequest(page, tuple(missing))], cancelled)[0]
        alone = Prompt(prompt.key, prompt.kind, prompt.text)
        return run(model, [PageRequest(describe.cut_out(page, prompt.region), (alone,))], cancelled)[0]

    return recall(sessions, item.workspace_id, image_sha256, model.identity, [prompt], ask, cancelled)
