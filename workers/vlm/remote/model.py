"""A model behind an API as one of the workers' models: the fields of a page in one request, all else one by one."""

import hashlib
import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from core.errors import ContentRefused, EmptyOutput, InvalidOutput, ModelCannot
from core.records import StopReason
from workers.vlm.asking import NONE_OF_THESE, read_reply
from workers.vlm.catalog import Entry
from workers.vlm.form import Chances, Parsed, Said, is_storable, parse
from workers.vlm.interface import NEEDS, Capability, Generation, ModelIdentity, PageRequest, Prompt, PromptKind
from workers.vlm.local.boxes import STYLES, Size
from workers.vlm.loops import text_loops
from workers.vlm.remote.asking import (
    Message,
    form_messages,
    is_form,
    plain_messages,
    repair_messages,
    response_format,
    wanted,
)
from workers.vlm.remote.crew import Crew, Left
from workers.vlm.remote.line import Line, Patience
from workers.vlm.remote.pictures import MOST_PIXELS, data_url, fitted
from workers.vlm.remote.places import MISSING, WANTED, is_placed, located
from workers.vlm.remote.protocol import Reply, Server

DECODING = 2  # changes when the way from prompt to value does
SURE = 0.5  # a label that is less likely is none
_BASE_BUDGET, _BUDGET_OF_FIELD = 64, 64  # tokens
_BUDGETS = {PromptKind.READ: 4096, PromptKind.CHAT: 1024, PromptKind.LOCATE: 512}
_BUDGET = 256


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What one request asks: of which page, and which of its prompts."""

    page: int
    places: tuple[int, ...]
    prompts: tuple[Prompt, ...]


@dataclass(frozen=True, slots=True)
class _Shown:
    """A request's pages as they are sent, and the size of the first."""

    urls: tuple[str, ...]
    size: Size


class RemoteModel:
    """Asks a server over its line, at most `concurrency` requests at a time."""

    def __init__(self, name: str, entry: Entry, server: Server, patience: Patience | None = None) -> None:
        """`name` is what the catalog calls it."""
        self.concurrency = entry.concurrency
        self._entry = entry
        self._boxes = None if entry.boxes is None else STYLES[entry.boxes]
        self._server = server
        self._line = Line(server, name, entry.name, patience or Patience())
        self._crew = Crew(entry.concurrency)
        self.identity = ModelIdentity(entry.name or name, entry.revision or "unknown", _decoding_of(entry))

    def close(self) -> None:
        """Let go of the connections. Safe to call twice."""
        self._server.close()

    @property
    def capabilities(self) -> frozenset[Capability]:
        """All that a talk can give; boxes where it is known how the model writes them."""
        return self._entry.capabilities or frozenset()

    def generate(
        self, requests: Sequence[PageRequest], cancelled: Callable[[], bool] = lambda: False
    ) -> list[list[Generation]]:
        """Answer every prompt of every page. A cancel leaves the requests under way alone, and answers all by that.

        Raises ModelBusy or ModelUnavailable while the server cannot be used, ModelRefused or ModelFailed where it
        fails on these pages alone.
        """
        pictures = [self._shown(request) for request in requests]
        sheets = [sheet for page, request in enumerate(requests) for sheet in _sheets_of(page, request)]
        try:
            made = self._crew.run([partial(self._answer, pictures[s.page], s, cancelled) for s in sheets], cancelled)
        except Left:
            return [[Generation(None, None, None, StopReason.CANCELLED, 0.0) for _ in r.prompts] for r in requests]
        placed = {
            (sheet.page, place): generation
            for sheet, generations in zip(sheets, made, strict=True)
            for place, generation in zip(sheet.places, generations, strict=True)
        }
        return [[placed[page, place] for place in range(len(r.prompts))] for page, r in enumerate(requests)]

    def _shown(self, request: PageRequest) -> _Shown:
        """The pages, each as large as the model may see it and as boxes in its words need it."""
        most = self._entry.max_image_pixels or MOST_PIXELS
        patch = 1 if self._boxes is None else self._boxes.patch
        images = [fitted(image, most, patch) for image in (request.image, *request.more)]
        return _Shown(tuple(data_url(image) for image in images), images[0].size)

    def _answer(self, shown: _Shown, sheet: _Sheet, cancelled: Callable[[], bool]) -> list[Generation]:
        began = time.perf_counter()
        if NEEDS[sheet.prompts[0].kind] not in self.capabilities:
            return [Generation(None, None, None, StopReason.END, 0.0, error=ModelCannot.code) for _ in sheet.prompts]
        if sheet.prompts[0].kind is PromptKind.LOCATE:
            generations = [self._place(shown, sheet.prompts[0], cancelled)]
        elif is_form(sheet.prompts[0]):
            prompts = [wanted(prompt, self._boxes) for prompt in sheet.prompts]
            generations = self._fill(form_messages(shown.urls, prompts), prompts, cancelled)
        else:
            (prompt,) = sheet.prompts
            reply = self._ask(plain_messages(shown.urls, prompt), self._budget(sheet.prompts), None, cancelled)
            generations = [_in_words(prompt, reply)]
        seconds = (time.perf_counter() - began) / len(generations)
        return [replace(generation, seconds=seconds) for generation in generations]

    def _place(self, shown: _Shown, prompt: Prompt, cancelled: Callable[[], bool]) -> Generation:
        """Where a text stands on the first page, as a form or in the model's own words; asked once more without."""
        assert self._boxes is not None  # noqa: S101 - else it does not say that it can
        asked, urls = wanted(prompt, self._boxes), shown.urls[:1]
        if is_form(asked):
            (said,) = self._fill(form_messages(urls, [asked]), [asked], cancelled)
            return located(prompt, said, self._boxes, shown.size)
        messages, budget = plain_messages(urls, asked), self._budget([asked])
        reply = self._ask(messages, budget, None, cancelled)
        said = _in_words(asked, reply)
        if not is_placed(said, self._boxes, shown.size):
            again = repair_messages(messages, reply.text, MISSING, WANTED)
            said = _in_words(asked, self._ask(again, budget, None, cancelled))
        return located(prompt, said, self._boxes, shown.size)

    def _fill(
        self, messages: Sequence[Message], prompts: Sequence[Prompt], cancelled: Callable[[], bool]
    ) -> list[Generation]:
        """Have a form filled in; one that has errors is sent back once."""
        budget = self._budget(prompts)
        reply = self._ask(messages, budget, prompts, cancelled)
        if reply.refused or not reply.text.strip():
            return [_without_text(reply) for _ in prompts]
        parsed = parse(reply.text, prompts)
        found = _found(reply, parsed, prompts)
        if reply.finish != "length" and parsed.wrong:
            again = self._ask(repair_messages(messages, reply.text, parsed.complaint), budget, prompts, cancelled)
            if not again.refused:
                found |= _found(again, parse(again.text, prompts), prompts)
        return [found.get(prompt.key) or _without_form(reply) for prompt in prompts]

    def _ask(
        self,
        messages: Sequence[Message],
        budget: int,
        form: Sequence[Prompt] | None,
        cancelled: Callable[[], bool],
    ) -> Reply:
        request = {"messages": messages, "max_tokens": budget, "temperature": 0}
        if self._entry.logprobs:
            request["logprobs"] = True
        if form is not None:
            request["response_format"] = response_format(form)
        return self._line.ask(request, cancelled)

    def _budget(self, prompts: Sequence[Prompt]) -> int:
        """Most new tokens of one reply: the model's own number, or fewer where a prompt says so."""
        own = self._own_budget(prompts)
        return min((own, *(prompt.budget for prompt in prompts if prompt.budget is not None)))

    def _own_budget(self, prompts: Sequence[Prompt]) -> int:
        if self._entry.max_new_tokens is not None:
            return self._entry.max_new_tokens
        own = _BASE_BUDGET + _BUDGET_OF_FIELD * len(prompts) if is_form(prompts[0]) else _BUDGET
        return _BUDGETS.get(prompts[0].kind, own)


def _sheets_of(page: int, request: PageRequest) -> list[_Sheet]:
    """All fields of a page together, every other prompt by itself."""
    fields = [i for i, prompt in enumerate(request.prompts) if prompt.kind is PromptKind.FIELD]
    others = [(i,) for i in range(len(request.prompts)) if i not in set(fields)]
    places = [*([tuple(fields)] if fields else []), *others]
    return [_Sheet(page, some, tuple(request.prompts[i] for i in some)) for some in places]


def _found(reply: Reply, parsed: Parsed, prompts: Sequence[Prompt]) -> dict[str, Generation]:
    """What the reply says in the right form, by key."""
    chances = Chances(reply.text, reply.tokens)
    kinds = {prompt.key: prompt.kind for prompt in prompts}
    return {key: _value(said, chances, kinds[key]) for key, said in parsed.values.items()}


def _value(said: Said, chances: Chances, kind: PromptKind) -> Generation:
    text = None if kind is PromptKind.CLASSIFY and said.text == NONE_OF_THESE else said.text
    value = Generation(text, chances.within(said.start, said.end), None, StopReason.END, 0.0)
    if kind is not PromptKind.CLASSIFY or value.probabilities is None or text is None:
        return value
    sure = math.prod(value.probabilities)
    return value if sure >= SURE else replace(value, text=None, confidence=1 - sure)


def _in_words(prompt: Prompt, reply: Reply) -> Generation:
    """A reply in plain words. What the model thought aloud before is no part of it."""
    start = reply.text.rfind("</think>") + len("</think>") if "</think>" in reply.text else 0
    said = reply.text[start:]
    cut = reply.finish == "length"
    talks_on = cut and prompt.kind is PromptKind.CHAT and not text_loops(reply.text)  # half a reply is still one
    if reply.refused or not said.strip() or (cut and not talks_on):
        return _without_text(reply)
    if not is_storable(said):
        return Generation(None, None, None, StopReason.END, 0.0, error=InvalidOutput.code)
    first = start + len(said) - len(said.lstrip())
    chances = Chances(reply.text, reply.tokens).within(first, first + len(said.strip()))
    text = said.strip() if prompt.kind in {PromptKind.CHAT, PromptKind.READ} else read_reply(said)
    return Generation(text, chances, None, StopReason.BUDGET if talks_on else StopReason.END, 0.0)


def _without_text(reply: Reply) -> Generation:
    """Why a reply gives no text: it was refused, it did not end, or there is none."""
    if reply.refused:
        return Generation(None, None, None, StopReason.END, 0.0, error=ContentRefused.code)
    if reply.finish == "length":
        stop = StopReason.LOOP if text_loops(reply.text) else StopReason.BUDGET
        return Generation(None, None, None, stop, 0.0)
    return Generation(None, None, None, StopReason.END, 0.0, error=EmptyOutput.code)


def _without_form(reply: Reply) -> Generation:
    """Why a value is not there: the form was cut off, or it was wrong twice."""
    if reply.finish == "length":
        return _without_text(reply)
    return Generation(None, None, None, StopReason.END, 0.0, error=InvalidOutput.code)


def _decoding_of(entry: Entry) -> str:
    """All that changes what is said, as a short stable string."""
    facts = [entry.base_url, entry.provider, entry.max_new_tokens, entry.max_image_pixels, entry.logprobs, entry.boxes]
    return f"{entry.kind}-{DECODING}-{hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:12]}"
