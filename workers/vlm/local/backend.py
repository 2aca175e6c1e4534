"""A checkpoint behind the interface: prompts become rows, rows become batches, replies become generations."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar, Self

import torch

from core.errors import InvalidOutput, ModelCannot
from core.logs import get_log
from core.records import Box, StopReason
from workers.vlm.form import schema_of
from workers.vlm.interface import (
    NEEDS,
    Capability,
    Generation,
    ModelIdentity,
    PageRequest,
    Prompt,
    PromptKind,
    Role,
    Turn,
)
from workers.vlm.listing import schema_of_rows
from workers.vlm.local.batches import batches, ran_out_of_memory, run_halving
from workers.vlm.local.classify import candidates, verdict
from workers.vlm.local.constrain import Forced, Rule, grammar_for
from workers.vlm.local.decode import Spoken, end_tokens, speak
from workers.vlm.local.loading import Checkpoint, load
from workers.vlm.local.pages import RecentPages, room_for_pages
from workers.vlm.local.prompting import Asked, Pictures, ask, pictures_of
from workers.vlm.local.replies import Said, complaint, constrained, generation, under_one_key
from workers.vlm.local.ways import CannotShare, Row, Way, Whole, token_ids, way_of

TOKENS_AT_ONCE = 16_384  # of a batch, padding and replies included: bounds memory
ROWS_AT_ONCE = 16
DECODING = "greedy-3"  # changes when the way from prompt to text does
_CANCELLED = Spoken((), (), StopReason.CANCELLED)
_log = get_log(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """A row and a maker of the rule of its reply: rules keep count, so that each run takes a new one."""

    row: Row
    rule: Callable[[], Rule | None]
    budget: int  # new tokens at most


@dataclass(frozen=True, slots=True)
class Question:
    """A prompt with its pages; `said` is a first reply that was not valid, and why."""

    request: PageRequest
    prompt: Prompt
    said: tuple[Turn, ...] = ()


class LocalModel:
    """A checkpoint of the library's image-text-to-text classes, whatever its family."""

    batches: ClassVar[bool] = True  # pages of a claim, whatever jobs they are of
    keeps: ClassVar[bool] = True

    def __init__(self, checkpoint: Checkpoint, kept_bytes: int | None = None) -> None:
        self.checkpoint = checkpoint
        self.pages = RecentPages(room_for_pages(checkpoint.model.device) if kept_bytes is None else kept_bytes)
        self._way: Way = way_of(checkpoint, self.pages)

    @classmethod
    def load(  # noqa: PLR0913 - what an operator may say of a checkpoint
        cls,
        name: str,
        *,
        revision: str | None = None,
        device: str = "cpu",
        dtype: str = "auto",
        threads: int = 0,
        quantization: str = "none",
        max_new_tokens: int | None = None,
        max_image_pixels: int | None = None,
        logprobs: bool = True,
    ) -> Self:
        """Load a checkpoint by path or hub id. Without `logprobs` it tells no probability and no confidence.

        Raises ModelUnavailable with the reason in one line.
        """
        if threads:
            torch.set_num_threads(threads)
        checkpoint = load(name, revision, device, dtype, quantization)
        return cls(
            replace(checkpoint, most_new_tokens=max_new_tokens, most_pixels=max_image_pixels, tells_chances=logprobs)
        )

    @property
    def identity(self) -> ModelIdentity:
        """Name, revision and decoding of this model."""
        return self.checkpoint.identity(DECODING)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the family can do."""
        return self.checkpoint.family.can

    def generate(
        self, requests: Sequence[PageRequest], cancelled: Callable[[], bool] = lambda: False
    ) -> list[list[Generation]]:
        """Answer every prompt of every page, batched over all of them. A cancel ends all at the next token."""
        questions = [Question(request, prompt) for request in requests for prompt in request.prompts]
        able = [q for q in questions if NEEDS[q.prompt.kind] in self.capabilities]
        replies = iter(self._answers(able, cancelled))
        told = iter([self._told(next(replies)) if q in able else _cannot() for q in questions])
        return [[next(told) for _ in request.prompts] for request in requests]

    def _told(self, said: Generation) -> Generation:
        """A generation without its probabilities, where nobody wants them. Labels have been weighed by then."""
        if self.checkpoint.tells_chances:
            return said
        lines = tuple(replace(line, confidence=None) for line in said.lines)
        return replace(said, probabilities=None, confidence=None, lines=lines, tokens=None)

    def _answers(self, questions: Sequence[Question], cancelled: Callable[[], bool]) -> list[Generation]:
        """One generation a question; replies of the wrong form get one more try."""
        choices = [q for q in questions if q.prompt.kind is PromptKind.CLASSIFY]
        others = [q for q in questions if q.prompt.kind is not PromptKind.CLASSIFY]
        verdicts = iter(self._classify(q, cancelled) for q in choices)
        replies = iter(self._replies(others, cancelled))
        return [next(verdicts if q.prompt.kind is PromptKind.CLASSIFY else replies) for q in questions]

    def _replies(self, questions: Sequence[Question], cancelled: Callable[[], bool]) -> list[Generation]:
        began = time.perf_counter()
        jobs = self._jobs(questions, cancelled)
        spoken = self._run(jobs, cancelled)
        seconds = (time.perf_counter() - began) / max(1, len(questions))
        made = [
            _of_cancelled(seconds) if job is None else self._generation(job.row, said, seconds)
            for job, said in zip(jobs, spoken, strict=True)
        ]
        return self._repaired(questions, made, spoken, cancelled)

    def _generation(self, row: Row, said: Spoken, seconds: float) -> Generation:
        asked = row.asked
        return generation(self.checkpoint, asked.prompt, said, row.page.shown, seconds, asked.pictures.view)

    def _repaired(
        self,
        questions: Sequence[Question],
        made: list[Generation],
        spoken: Sequence[Spoken],
        cancelled: Callable[[], bool],
    ) -> list[Generation]:
        """Ask once more, with the reason, where a chat model's reply had the wrong form."""
        wrong = [
            number
            for number, (question, told) in enumerate(zip(questions, made, strict=True))
            if told.error == InvalidOutput.code and not question.said and self.checkpoint.family.chat
        ]
        if not wrong:
            return made
        again = [_again(questions[n], Said(self.checkpoint, spoken[n]).text) for n in wrong]
        for number, told in zip(wrong, self._replies(again, cancelled), strict=True):
            made[number] = told
        return made

    def _classify(self, question: Question, cancelled: Callable[[], bool]) -> Generation:
        began = time.perf_counter()
        names = candidates(question.prompt.labels)
        words = [[*token_ids(self.checkpoint, name).tolist(), end_tokens(self.checkpoint)[0]] for name in names]
        longest = max(map(len, words))
        jobs: list[Job | None] = [
            None if job is None else Job(job.row, partial(Forced, tokens), longest)
            for job in self._jobs([question], cancelled)
            for tokens in words
        ]
        return verdict(names, self._run(jobs, cancelled), time.perf_counter() - began)

    def _jobs(self, questions: Sequence[Question], cancelled: Callable[[], bool]) -> list[Job | None]:
        """Rows with their pages encoded; None once it is cancelled."""
        shown: dict[tuple[int, Box | None], Pictures] = {}
        jobs: list[Job | None] = []
        for question in questions:
            if cancelled():
                jobs.append(None)
                continue
            key = (id(question.request), question.prompt.region)
            if key not in shown:
                shown[key] = pictures_of(self.checkpoint, question.request, question.prompt.region)
            row = self._row(ask(self.checkpoint, shown[key], question.prompt, question.said))
            jobs.append(Job(row, self._rule_of(question.prompt), row.asked.budget))
        return jobs

    def _row(self, asked: Asked) -> Row:
        try:
            return self._way.row(asked)
        except CannotShare as error:
            _log.warning("model.pages_not_shared", model=self.checkpoint.name, reason=str(error))
            self._way = Whole(self.checkpoint)
            return self._way.row(asked)

    def _rule_of(self, prompt: Prompt) -> Callable[[], Rule | None]:
        if not constrained(self.checkpoint, prompt):
            return lambda: None
        rows = schema_of_rows(prompt) if prompt.kind is PromptKind.ROWS else None
        whole = prompt.schema if prompt.kind is PromptKind.CHAT else rows
        schema, ends = whole or schema_of([under_one_key(prompt)]), end_tokens(self.checkpoint)
        return lambda: grammar_for(self.checkpoint.tokenizer, ends, schema)

    def _run(self, jobs: Sequence[Job | None], cancelled: Callable[[], bool]) -> list[Spoken]:
        """All rows in batches of like lengths; what was cancelled said nothing."""
        spoken = [_CANCELLED] * len(jobs)
        there = [(number, job) for number, job in enumerate(jobs) if job is not None]
        costs = [job.row.length + job.budget for _, job in there]
        kinds = [(job.budget, len(job.row.asked.images)) for _, job in there]
        for batch in batches(costs, kinds, TOKENS_AT_ONCE, ROWS_AT_ONCE, ragged=self._way.ragged):
            if cancelled():
                break
            said = run_halving([there[n][1] for n in batch], lambda part: self._speak(part, cancelled))
            for number, words in zip(batch, said, strict=True):
                spoken[there[number][0]] = words
        return spoken

    def _speak(self, jobs: Sequence[Job], cancelled: Callable[[], bool]) -> list[Spoken]:
        try:
            inputs = self._way.batch([job.row for job in jobs])
            return speak(self.checkpoint, inputs, jobs[0].budget, [job.rule() for job in jobs], cancelled)
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
            if ran_out_of_memory(error):
                self.pages.clear()  # what is kept for the next question must not cost this one its answer
            raise


def _cannot() -> Generation:
    return Generation(None, None, None, StopReason.END, 0.0, error=ModelCannot.code)


def _of_cancelled(seconds: float) -> Generation:
    return Generation(None, None, None, StopReason.CANCELLED, seconds)


def _again(question: Question, text: str) -> Question:
    """The question with the reply that was not valid, and why."""
    reason = f"{complaint(question.prompt, text)}. Reply again, with valid JSON alone."
    said = (Turn(Role.ASSISTANT, text), Turn(Role.USER, reason))
    return Question(question.request, question.prompt, said)
