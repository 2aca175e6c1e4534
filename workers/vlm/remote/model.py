"""A model behind an API as one of the workers' models: the fields of a page in one request, all else one by one."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from core.errors import InvalidOutput, ModelCannot
from core.records import StopReason
from workers.vlm.catalog import Entry
from workers.vlm.form import Chances, find_json, parse
from workers.vlm.interface import NEEDS, Capability, Generation, ModelIdentity, PageRequest, Prompt, PromptKind
from workers.vlm.listing import listing_of, schema_of_rows
from workers.vlm.local.boxes import STYLES, Size
from workers.vlm.remote.asking import (
    Message,
    form_messages,
    format_of_reply,
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
from workers.vlm.remote.replies import found, in_json, in_rows, in_words, without_form, without_text

DECODING = 4  # changes when the way from prompt to value does
_BASE_BUDGET, _BUDGET_OF_FIELD = 64, 64  # tokens
_BUDGETS = {
    PromptKind.READ: 4096,
    PromptKind.DESCRIBE: 512,
    PromptKind.CHAT: 1024,
    PromptKind.LOCATE: 512,
    PromptKind.ROWS: 8192,
}
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
        elif sheet.prompts[0].kind is PromptKind.ROWS:
            generations = [self._list(shown, sheet.prompts[0], cancelled)]
        elif (prompt := sheet.prompts[0]).kind is PromptKind.CHAT and prompt.schema is not None:
            generations = [self._talk(plain_messages(shown.urls, prompt), prompt, prompt.schema, cancelled)]
        else:
            reply = self._ask(plain_messages(shown.urls, prompt), self._budget(sheet.prompts), None, cancelled)
            generations = [in_words(prompt, reply)]
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
        said = in_words(asked, reply)
        if not is_placed(said, self._boxes, shown.size):
            again = repair_messages(messages, reply.text, MISSING, WANTED)
            said = in_words(asked, self._ask(again, budget, None, cancelled))
        return located(prompt, said, self._boxes, shown.size)

    def _fill(
        self, messages: Sequence[Message], prompts: Sequence[Prompt], cancelled: Callable[[], bool]
    ) -> list[Generation]:
        """Have a form filled in; one that has errors is sent back once."""
        budget, form = self._budget(prompts), response_format(prompts)
        reply = self._ask(messages, budget, form, cancelled)
        if reply.refused or not reply.text.strip():
            return [without_text(reply) for _ in prompts]
        parsed = parse(reply.text, prompts)
        told = found(reply, parsed, prompts)
        if reply.finish != "length" and parsed.wrong:
            again = self._ask(repair_messages(messages, reply.text, parsed.complaint), budget, form, cancelled)
            if not again.refused:
                told |= found(again, parse(again.text, prompts), prompts)
        return [told.get(prompt.key) or without_form(reply) for prompt in prompts]

    def _talk(
        self, messages: Sequence[Message], prompt: Prompt, schema: Mapping[str, Any], cancelled: Callable[[], bool]
    ) -> Generation:
        """A chat's reply that is to be JSON; one that is not of its schema is sent back once."""
        budget, form = self._budget([prompt]), format_of_reply(schema)
        reply = self._ask(messages, budget, form, cancelled)
        said = in_json(reply, schema)
        if said.error != InvalidOutput.code:
            return said
        again = repair_messages(messages, reply.text, find_json(reply.text, schema).wrong or "", "the whole JSON")
        return in_json(self._ask(again, budget, form, cancelled), schema)

    def _list(self, shown: _Shown, prompt: Prompt, cancelled: Callable[[], bool]) -> Generation:
        """The rows of a table; a list of the wrong form is sent back once."""
        messages, budget = plain_messages(shown.urls, prompt), self._budget([prompt])
        form = format_of_reply(schema_of_rows(prompt))
        reply = self._ask(messages, budget, form, cancelled)
        said = in_rows(prompt, reply)
        if said.error != InvalidOutput.code:
            return said
        wrong = listing_of(reply.text, prompt, Chances(reply.text, None)).wrong
        again = repair_messages(messages, reply.text, wrong)
        return in_rows(prompt, self._ask(again, budget, form, cancelled))

    def _ask(
        self,
        messages: Sequence[Message],
        budget: int,
        form: Mapping[str, Any] | None,
        cancelled: Callable[[], bool],
    ) -> Reply:
        request = {"messages": messages, "max_tokens": budget, "temperature": 0}
        if self._entry.logprobs:
            request["logprobs"] = True
        if form is not None:
            request["response_format"] = form
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


def _decoding_of(entry: Entry) -> str:
    """All that changes what is said, as a short stable string."""
    facts = [entry.base_url, entry.provider, entry.max_new_tokens, entry.max_image_pixels, entry.logprobs, entry.boxes]
    return f"{entry.kind}-{DECODING}-{hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:12]}"
