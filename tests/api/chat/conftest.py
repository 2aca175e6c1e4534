"""A service that chats, OpenAI's own client of it, and a worker that replies."""

import base64
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from core.settings import Settings
from storage.database import Sessions
from storage.tables import Blob, Inference, Item, Job
from tests.api.conftest import parts

PATIENCE = 60.0
QUESTION = "What is the total?"
Asking = Callable[..., Any]


def data_url(content: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def image(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def stored(document: str, *pages: int) -> dict[str, Any]:
    return {"type": "document", "document": {"id": document} | ({"pages": list(pages)} if pages else {})}


def about(*shown: dict[str, Any], question: str = QUESTION) -> list[dict[str, Any]]:
    """One message that shows these and asks."""
    return [{"role": "user", "content": [*shown, {"type": "text", "text": question}]}]


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "models.toml").write_text(
        '[models."gpu/large"]\nkind = "openai"\nname = "large"\nbase_url = "http://127.0.0.1:9/v1"\n'
    )
    return Settings(data_dir=tmp_path / "data", database_url=database_url, blob_url=str(tmp_path / "blobs"))


@pytest.fixture
def client(server: str, key: str) -> Iterator[openai.OpenAI]:  # instead of the one that knows no HTTP
    with client_of(server, key) as client:
        yield client


def client_of(server: str, key: str) -> openai.OpenAI:
    http = openai.DefaultHttpxClient(trust_env=False)
    return openai.OpenAI(base_url=f"{server}/v1", api_key=key, max_retries=0, timeout=PATIENCE, http_client=http)


@pytest.fixture
def ask(client: openai.OpenAI) -> Asking:
    """Ask with these messages."""

    def ask(messages: Any, **more: Any) -> Any:
        return client.chat.completions.create(**{"model": "bundled", "messages": messages} | more)

    return ask


@pytest.fixture
def worker(work: Callable[[], None]) -> Iterator[None]:
    """A worker that does what there is to do, as long as the test lasts."""
    ended = threading.Event()

    def go_round() -> None:
        while not ended.wait(0.02):
            work()

    thread = threading.Thread(target=go_round)
    thread.start()
    yield
    ended.set()
    thread.join()


def upload(server: str, key: str, path: Path) -> str:
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=server, headers=headers, trust_env=False, timeout=PATIENCE) as http:
        document: str = http.post("/v1/documents", files=parts(path)).json()["documents"][0]["id"]
        return document


@pytest.fixture
def document(server: str, key: str, pdf: Path) -> str:
    return upload(server, key, pdf)


def traces(sessions: Sessions, settings: Settings) -> list[int]:
    """What is left of chats: rows, and files of pictures."""
    files = sum(path.is_file() for path in Path(settings.blobs).glob("[0-9a-f][0-9a-f]/**/*"))
    with sessions() as session:
        return [*(session.query(table).count() for table in (Job, Item, Blob, Inference)), files]


def refusal(ask: Asking, messages: Any, **more: Any) -> tuple[int, str | None]:
    """Status and code of a refusal."""
    with pytest.raises(openai.APIStatusError) as refused:
        ask(messages, **more)
    return refused.value.status_code, refused.value.code


def await_nothing(sessions: Sessions, settings: Settings) -> None:
    until = time.monotonic() + PATIENCE
    while traces(sessions, settings) != [0] * 5:
        assert time.monotonic() < until, traces(sessions, settings)
        time.sleep(0.05)
