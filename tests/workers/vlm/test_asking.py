"""What models are asked in plain words."""

import hashlib
import json

from workers.vlm.asking import instruction_for
from workers.vlm.interface import Column, Prompt, PromptKind
from workers.vlm.listing import schema_of_rows
from workers.vlm.local import backend
from workers.vlm.remote import model

ROWS = Prompt("items", PromptKind.ROWS, "items", columns=(Column("what", "description"), Column("amount", "amount")))


def test_whoever_changes_what_models_are_asked_changes_the_names_of_their_inferences() -> None:
    """A reading is found again by its model's decoding: a reply to other words must not pass for one to these."""
    prompts = [ROWS, *(Prompt("key", kind, "text", labels=("one",)) for kind in PromptKind if kind is not ROWS.kind)]
    asked = json.dumps([[instruction_for(prompt) for prompt in prompts], schema_of_rows(ROWS)])
    words = hashlib.sha256(asked.encode()).hexdigest()[:12]
    assert (words, model.DECODING, backend.DECODING) == ("b70fcd1e9fef", 4, "greedy-3")
