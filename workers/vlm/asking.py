"""How a model that follows instructions is asked for a field or an answer, and how it says that there is none."""

from workers.vlm.interface import Prompt, PromptKind

_ABSENT = {"", "none", "null", "n/a", "not found", "not present", "not available", "no answer", "not in this document"}
_FIELD = (
    "Read the {text} on this page. Reply with the value exactly as it is printed and nothing else. "
    "Reply none if the page does not show it."
)
_QUESTION = (
    "{text} Reply with the words on this page that answer it and nothing else. "
    "Reply none if the page does not answer it."
)


def instruction_for(prompt: Prompt) -> str:
    """A prompt as one instruction in plain words."""
    match prompt.kind:
        case PromptKind.FIELD:
            return _FIELD.format(text=prompt.text)
        case PromptKind.QUESTION:
            return _QUESTION.format(text=prompt.text)


def read_reply(said: str) -> str | None:
    """What was said, without white space around it; None where the model says that the page has no such thing."""
    text = said.strip()
    return None if text.casefold().rstrip(".!") in _ABSENT else text
