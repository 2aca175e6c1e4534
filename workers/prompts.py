"""What is asked of every page under a schema."""

from typing import Any

from storage import schemas
from workers.vlm.interface import Prompt, PromptKind


def prompts_of(body: dict[str, Any]) -> list[Prompt]:
    """A prompt for each field of a schema, in its order; its tables are asked for apart (`workers.rows`)."""
    return [Prompt(f.path, PromptKind.FIELD, f.title, schema=f.value_schema) for f in schemas.fields_of(body)]
