"""How a model behind an API is asked: pages first, then words; the fields of a page as one JSON object."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from workers.vlm.asking import NONE_OF_THESE, instruction_for
from workers.vlm.form import ANY_OBJECT, schema_of
from workers.vlm.interface import Prompt, PromptKind, Role, Turn
from workers.vlm.local.boxes import BoxFormat

Message = Mapping[str, Any]

_FIELDS = (
    "Read these fields on this page. Reply with one JSON object and nothing else: each value exactly as it is printed "
    "on the page, and null where the page does not show it.\n{list}"
)
_LABELS = (
    "Which of these labels fits this page? Reply with one JSON object and nothing else: the label under its key, or "
    f'"{NONE_OF_THESE}" where no other fits.\n{{list}}'
)
_PLACES = (
    "Find these places on this page. Reply with one JSON object and nothing else: what is asked for under its key.\n"
    "{list}"
)
_ANSWERS = (
    "Answer this from what is printed on this page. Reply with one JSON object and nothing else: the answer under its "
    "key, or null if the page does not answer it.\n{list}"
)
_REPAIR = "That is not what was asked for: {complaint}. Reply again with {wanted} and nothing else."
_FORMS = {PromptKind.FIELD: _FIELDS, PromptKind.CLASSIFY: _LABELS, PromptKind.LOCATE: _PLACES}


def is_form(prompt: Prompt) -> bool:
    """Whether a prompt is answered by a JSON object; others are answered in plain words."""
    return prompt.kind in {PromptKind.FIELD, PromptKind.CLASSIFY} or (
        prompt.kind in {PromptKind.QUESTION, PromptKind.LOCATE} and prompt.schema is not None
    )


def wanted(prompt: Prompt, boxes: BoxFormat | None) -> Prompt:
    """The prompt with the schema of what is wanted: a label is one of those that are given, or the way out.

    Where something stands is asked for in the words of `boxes`.
    """
    if prompt.kind is PromptKind.CLASSIFY:
        schema = {"type": "string", "enum": list(dict.fromkeys((*prompt.labels, NONE_OF_THESE)))}
        return replace(prompt, schema=schema)
    if prompt.kind is PromptKind.LOCATE and boxes is not None:
        return replace(prompt, text=boxes.asks.format(text=prompt.text), schema=boxes.schema)
    return prompt


def form_messages(pictures: Sequence[str], prompts: Sequence[Prompt]) -> list[Message]:
    """Ask for one JSON object that answers all prompts, which are of one kind."""
    said = _FORMS.get(prompts[0].kind, _ANSWERS)
    listed = "\n".join(f"- {json.dumps(p.key)}: {p.text}{_hint(p)}" for p in prompts)
    return _messages(pictures, [*prompts[0].turns, Turn(Role.USER, said.format(list=listed))])


def plain_messages(pictures: Sequence[str], prompt: Prompt) -> list[Message]:
    """Ask for plain words; a chat goes on where it is, and places are asked for in words of their own."""
    if prompt.kind is PromptKind.CHAT:
        return _messages(pictures, prompt.turns or [Turn(Role.USER, prompt.text)])
    if prompt.kind is PromptKind.LOCATE:
        return _messages(pictures, [*prompt.turns, Turn(Role.USER, prompt.text)])
    return _messages(pictures, [*prompt.turns, Turn(Role.USER, instruction_for(prompt))])


def repair_messages(
    asked: Sequence[Message], said: str, complaint: str, wanted: str = "the whole JSON object"
) -> list[Message]:
    """The same request once more, with what was wrong about the reply."""
    return [
        *asked,
        {"role": Role.ASSISTANT.value, "content": said},
        {"role": Role.USER.value, "content": _REPAIR.format(complaint=complaint, wanted=wanted)},
    ]


def response_format(prompts: Sequence[Prompt]) -> dict[str, Any]:
    """What a server that can is to hold the model to."""
    return {
        "type": "json_schema",
        "json_schema": {"name": "values", "strict": True, "schema": schema_of(prompts)},
    }


def format_of_reply(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The same for all of a chat's reply. Not strictly: schemas of callers say more than servers take strictly."""
    if schema == ANY_OBJECT:
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": {"name": "reply", "strict": False, "schema": dict(schema)}}


def _hint(prompt: Prompt) -> str:
    return "" if prompt.schema is None else f" (JSON Schema: {json.dumps(dict(prompt.schema), ensure_ascii=False)})"


def _messages(pictures: Sequence[str], turns: Sequence[Turn]) -> list[Message]:
    """The turns, with the pages before the first one of the user."""
    shown = [{"type": "image_url", "image_url": {"url": url}} for url in pictures]
    messages: list[Message] = []
    for turn in turns:
        if turn.role is Role.USER and shown:
            messages.append({"role": turn.role.value, "content": [*shown, {"type": "text", "text": turn.text}]})
            shown = []
        else:
            messages.append({"role": turn.role.value, "content": turn.text})
    return messages
