"""What a chat wishes of its reply besides words: a form, tokens, tools; and which of that cannot be done."""

from typing import Any, assert_never

from api.wire.chats import ChatIn
from api.wire.formats import JsonObjectFormat, JsonSchemaFormat, TextFormat
from core.errors import CannotBeDone
from workers.vlm.catalog import Entry


def schema_wished(asked: ChatIn) -> dict[str, Any] | None:
    """The JSON Schema that the whole reply is to fit; None for words."""
    match asked.response_format:
        case None | TextFormat():
            return None
        case JsonObjectFormat():
            return {"type": "object"}
        case JsonSchemaFormat() as form:
            return form.json_schema.schema_
        case _:
            assert_never(asked.response_format)


def check_wishes(asked: ChatIn, model: Entry) -> None:
    """Raise CannotBeDone, which names the member, where it is known already that a wish cannot be fulfilled.

    What is not known of a model before it is loaded, or asked, its worker says.
    """
    _check_tools(asked)
    in_json = schema_wished(asked) is not None
    if in_json and model.can_talk is False:
        raise _refused("response_format", f"The model {asked.model} cannot talk, and so not reply in JSON.")
    if in_json and asked.stop:
        raise _refused("stop", "A reply in JSON is given whole; leave `stop` out.")
    if asked.logprobs and (model.can_talk is False or not model.logprobs):
        raise _refused("logprobs", f"The model {asked.model} does not tell the probabilities of its tokens.")
    if asked.top_logprobs:
        raise _refused("top_logprobs", "Of tokens that were not said nothing is told; leave `top_logprobs` out.")


def _check_tools(asked: ChatIn) -> None:
    wishes = {
        "tools": bool(asked.tools),
        "functions": bool(asked.functions),
        "tool_choice": asked.tool_choice not in (None, "none"),
        "function_call": asked.function_call not in (None, "none"),
    }
    named = next((name for name, is_there in wishes.items() if is_there), None)
    if named is not None:
        raise _refused(named, f"No tools are called here; leave `{named}` out.")


def _refused(member: str, says: str) -> CannotBeDone:
    return CannotBeDone(says, errors=[{"place": f"body.{member}", "message": says}])
