"""Inferences on one page: looked up by content, and only what is missing is asked of the model, as one batch.

What was said is stored at once, before the item that wanted it ends: whoever wants the same then finds it.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from core.records import StopReason
from storage import inferences
from storage.blobs import BlobStore
from storage.database import Sessions
from workers.inference import Inference, generation_of, inference_key, rows_of
from workers.pages import picture_of
from workers.underway import UNDERWAY, Claimed, claimed, wait_elsewhere
from workers.vlm.interface import Generation, Model, ModelIdentity, PageRequest, Prompt


class Interrupted(Exception):
    """The work was ended from outside; its results are dropped."""


@dataclass(frozen=True, slots=True)
class PageAsked:
    """A page's picture, and everything that is asked of it."""

    workspace_id: str
    image_sha256: str
    prompts: tuple[Prompt, ...]


def infer(
    sessions: Sessions,
    blobs: BlobStore,
    model: Model,
    workspace_id: str,
    image_sha256: str,
    prompts: Sequence[Prompt],
    cancelled: Callable[[], bool],
) -> list[Inference]:
    """One inference a prompt, in order; what is not in the cache is run as one batch. No transaction is open meanwhile.

    Raises Interrupted where `cancelled` says so, and stores what was said by then. Raises BlobMissing where the page's
    picture is gone.
    """

    def ask(missing: Sequence[Prompt]) -> list[Generation]:
        if cancelled():
            raise Interrupted
        (said,) = model.generate([PageRequest(picture_of(blobs, image_sha256), tuple(missing))], cancelled)
        ended = [(p, g) for p, g in zip(missing, said, strict=True) if g.stop is not StopReason.CANCELLED]
        if len(ended) < len(said):
            made = [Inference(p, inference_key(image_sha256, p, model.identity), g, fresh=True) for p, g in ended]
            with sessions.begin() as session:
                inferences.store(session, workspace_id, rows_of(made, image_sha256, model.identity))
            raise Interrupted
        return said

    return recall(sessions, workspace_id, image_sha256, model.identity, prompts, ask, cancelled)


def recall(
    sessions: Sessions,
    workspace_id: str,
    image_sha256: str,
    identity: ModelIdentity,
    prompts: Sequence[Prompt],
    ask: Callable[[Sequence[Prompt]], Sequence[Generation]],
    cancelled: Callable[[], bool],
) -> list[Inference]:
    """One inference a prompt, in order: from the cache, or as `ask` has it of those that are missing there.

    What another thread or process is asking already is waited for, and asked here only if it came to nothing there.
    Raises Interrupted where `cancelled` says so meanwhile.
    """
    keys = [inference_key(image_sha256, p, identity) for p in prompts]
    asked: dict[str, Prompt] = {}
    for key, prompt in zip(keys, prompts, strict=True):
        asked.setdefault(key, prompt)  # equal prompts once
    made: dict[str, Inference] = {}
    while left := {key: p for key, p in asked.items() if key not in made}:
        with (
            UNDERWAY.taken(workspace_id, left) as mine,
            _opened(sessions, workspace_id, [key for key in left if key in mine]) as opened,
        ):
            missing = opened.missing
            said = dict(zip(missing, ask([left[key] for key in missing]), strict=True)) if missing else {}
            new = [Inference(left[key], key, generation, fresh=True) for key, generation in said.items()]
            opened.store(rows_of(new, image_sha256, identity))
        made |= {key: Inference(left[key], key, generation, fresh=False) for key, generation in opened.known.items()}
        made |= {one.key: one for one in new}
        if not UNDERWAY.wait(workspace_id, left.keys() - mine, cancelled):
            raise Interrupted
        if not wait_elsewhere(sessions, workspace_id, mine - made.keys(), cancelled):
            raise Interrupted
    return [replace(made[key], prompt=p) for key, p in zip(keys, prompts, strict=True)]


def infer_together(
    sessions: Sessions, blobs: BlobStore, model: Model, pages: Sequence[PageAsked], cancelled: Callable[[], bool]
) -> None:
    """Run what is missing on several pages as one batch, and store it: `infer` then finds it on each of them.

    Pages of equal pictures are shown once. A page alone is left to `infer`, and so is what another thread or process
    is asking already, and everything where `cancelled` says so. Raises BlobMissing.
    """
    with ExitStack() as stack:
        missing: list[tuple[PageAsked, dict[str, Prompt]]] = []
        for page in pages:
            keyed = {inference_key(page.image_sha256, prompt, model.identity): prompt for prompt in page.prompts}
            mine = stack.enter_context(UNDERWAY.taken(page.workspace_id, keyed))  # not those of a page before, either
            known = _known(sessions, page.workspace_id, mine)
            if wanted := {key: prompt for key, prompt in keyed.items() if key in mine and key not in known}:
                missing.append((page, wanted))
        if len(missing) < 2 or cancelled():  # noqa: PLR2004 - one is no batch
            return
        opened = [stack.enter_context(_opened(sessions, page.workspace_id, list(of))) for page, of in missing]
        asked = [(page, of, one) for (page, of), one in zip(missing, opened, strict=True) if one.missing]
        if asked:  # or others came first
            _ask_together(blobs, model, asked, cancelled)


def _ask_together(
    blobs: BlobStore,
    model: Model,
    asked: Sequence[tuple[PageAsked, Mapping[str, Prompt], "_Opened"]],
    cancelled: Callable[[], bool],
) -> None:
    """Ask what is missing of pages, of prompts by their keys, and store it; nothing where a cancel came meanwhile."""
    prompts = [tuple(of[key] for key in opened.missing) for _, of, opened in asked]
    pages = [
        PageRequest(picture_of(blobs, page.image_sha256), p) for (page, _, _), p in zip(asked, prompts, strict=True)
    ]
    made = model.generate(pages, cancelled)
    if any(g.stop is StopReason.CANCELLED for generations in made for g in generations):
        return
    for (page, of, opened), generations in zip(asked, made, strict=True):
        said = zip(opened.missing, generations, strict=True)
        opened.store(rows_of([Inference(of[k], k, g, fresh=True) for k, g in said], page.image_sha256, model.identity))


@dataclass(frozen=True, slots=True)
class _Opened:
    """What is stored of some inferences, and those that are to be asked here: in order, and claimed meanwhile."""

    sessions: Sessions
    workspace_id: str
    claim: Claimed | None
    known: dict[str, Generation]
    missing: list[str]

    def store(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Keep what was said, and end the claim with that."""
        if rows:
            with self.sessions.begin() as session:
                inferences.store(session, self.workspace_id, rows)
                if self.claim is not None:
                    self.claim.release(session)


@contextmanager
def _opened(sessions: Sessions, workspace_id: str, keys: Sequence[str]) -> Iterator[_Opened]:
    """Look inferences up, and claim the others, apart from those that another process is at, for the block."""
    known = _known(sessions, workspace_id, keys)
    with claimed(sessions, workspace_id, [key for key in keys if key not in known]) as claim:
        ours = claim.keys if claim else ()
        known |= _known(sessions, workspace_id, ours)  # said between the look and the claim
        missing = [key for key in keys if key in ours and key not in known]
        yield _Opened(sessions, workspace_id, claim, known, missing)


def _known(sessions: Sessions, workspace_id: str, keys: Collection[str]) -> dict[str, Generation]:
    """What is stored under these."""
    if not keys:
        return {}
    with sessions() as session:
        return {key: generation_of(row) for key, row in inferences.find(session, workspace_id, keys).items()}


def run(model: Model, requests: Sequence[PageRequest], cancelled: Callable[[], bool]) -> list[list[Generation]]:
    """Ask a model. Raises Interrupted where `cancelled` says so, before or meanwhile."""
    if cancelled():
        raise Interrupted
    made = model.generate(requests, cancelled)
    if any(g.stop is StopReason.CANCELLED for generations in made for g in generations):
        raise Interrupted
    return made
