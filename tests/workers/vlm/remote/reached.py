"""A model behind an API as tests reach it: behind a real client, in front of a real server."""

from typing import Any

from PIL import Image

from tests.protocol_server import ProtocolServer, says
from workers.vlm.catalog import Entry, Kind
from workers.vlm.interface import Generation, PageRequest, Prompt, PromptKind
from workers.vlm.remote import hugging_face, openai
from workers.vlm.remote.line import Patience
from workers.vlm.remote.model import RemoteModel

SECRET = "sk-very-secret-0123456789"
QUICK = Patience(first_pause=0.01, first_rest=0.05, longest_rest=0.1, longest_pause=0.3)
PAGE = Image.new("L", (120, 160), 255)
FIELDS = (Prompt("total", PromptKind.FIELD, "total amount"), Prompt("iban", PromptKind.FIELD, "IBAN"))
QUESTION = Prompt("answer", PromptKind.QUESTION, "What is the total?")
CONNECT = {Kind.OPENAI: openai.connect, Kind.HUGGINGFACE: hugging_face.connect}
TOKENS = [
    *[('{"', 1.0), ("total", 1.0), ('": "', 1.0), ("12", 0.9), (".00", 0.8)],
    *[('", "', 1.0), ("iban", 1.0), ('": ', 1.0), ("null", 0.7), ("}", 1.0)],
]
FORM = says('{"total": "12.00", "iban": null}', TOKENS)

opened: list[RemoteModel] = []  # by the test that runs; let go of at its end


def model_of(server: ProtocolServer, kind: Kind = Kind.OPENAI, patience: Patience = QUICK, **more: Any) -> RemoteModel:
    entry = Entry.model_validate({"kind": kind, "name": "big", "base_url": server.url, "key": SECRET, **more})
    model = CONNECT[kind]("mine", entry, patience)
    opened.append(model)
    return model


def ask(model: RemoteModel, *prompts: Prompt, image: Image.Image = PAGE) -> list[Generation]:
    (generations,) = model.generate([PageRequest(image, prompts)])
    return generations
