"""The bundled model by the library's own pipeline: as it lies in the tree, after the one import that registers it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from PIL import Image

from workers.vlm.bundled.backend import FOLDER, BundledModel
from workers.vlm.interface import PageRequest, Prompt, PromptKind

ROOT = Path(__file__).parents[3]
QUESTION = "What is the invoice number?"
PROGRAM = """
import json, sys

import torch
from PIL import Image
from transformers import pipeline

import workers.vlm.bundled

torch.set_num_threads(1)
folder, path, url, question = sys.argv[1:]
pipe = pipeline("image-text-to-text", model=folder)
pictures = [
    {"type": "image", "path": path},
    {"type": "image", "url": url},
    {"type": "image", "image": Image.open(path)},
]
text = {"type": "text", "text": question}
chats = [[{"role": "user", "content": [picture, text]}] for picture in pictures]
earlier = [{"role": "user", "content": [pictures[0], {"type": "text", "text": "Who is the vendor?"}]}]
chats.append([*earlier, {"role": "assistant", "content": "Nobody"}, {"role": "user", "content": [text]}])
said = [pipe(text=chat, max_new_tokens=64, return_full_text=False) for chat in chats]
said += pipe(text=chats[:2], max_new_tokens=64, return_full_text=False)
said += [pipe(text=chats[0], max_new_tokens=64), pipe(text=chats[0], max_new_tokens=3, return_full_text=False)]
json.dump([answer["generated_text"] for (answer,) in said], sys.stdout)
"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder."""

    def log_message(self, *_: object) -> None:
        """Silence."""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Where the files of the test's folder are served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_chats_show_an_image_by_path_by_address_or_as_it_is(
    model: BundledModel, invoice: Image.Image, tmp_path: Path, address: str
) -> None:
    invoice.save(tmp_path / "page.png")
    ((expected,),) = model.generate([PageRequest(invoice, (Prompt("answer", PromptKind.QUESTION, QUESTION),))])
    assert expected.text

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(FOLDER), str(tmp_path / "page.png"), f"{address}/page.png", QUESTION],
        cwd=ROOT,
        env=os.environ | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )

    *alike, whole, short = json.loads(done.stdout)
    assert alike == [expected.text] * 6
    assert whole[-1] == {"role": "assistant", "content": expected.text}
    assert short == expected.text[:3]
