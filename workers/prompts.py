"""What is asked of every page under a schema."""

from typing import Any

from storage import schemas
from workers.rows import prompt_of
from workers.vlm.interface import Prompt, PromptKind


def prompts_of(body: dict[str, Any]) -> list[Prompt]:
    """A prompt for each field of a schema, in its order; its tables are asked for apart (`workers.rows`)."""
    return [Prompt(f.path, PromptKind.FIELD, f.title, schema=f.value_schema) for f in schemas.fields_of(body)]


def prompts_with_rows(body: dict[str, Any]) -> list[Prompt]:
    """The same, and a prompt for each table, as a model is asked that reads rows."""
    return [*prompts_of(body), *(prompt_of(table) for table in schemas.wanted_of(body).tables)]
