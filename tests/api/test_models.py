"""A job and a question may name a model; who names none gets the default."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import make_app
from core.settings import Settings
from tests.api.conftest import problem

FILE = """\
default = "big"
questions = "bundled"

[models.big]
kind = "openai"
name = "big-vl"
base_url = "http://127.0.0.1:9/v1"
"""


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """A service with a models file in its data folder."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "models.toml").write_text(FILE)
    return Settings(data_dir=data, database_url=database_url, blob_url=str(tmp_path / "blobs"))


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return make_app(settings)


def extract(client: TestClient, **more: Any) -> dict[str, Any]:
    response = client.post("/v1/jobs", json={"kind": "extract", "schema": "invoice", **more})
    assert response.status_code == 202, response.text
    body: dict[str, Any] = response.json()
    return body


def test_a_job_says_which_model_it_named_and_without_a_name_which_is_the_default(
    client: TestClient, document: dict[str, Any]
) -> None:
    assert [extract(client, model=name)["model"] for name in (None, "big", "bundled")] == ["big", "big", "bundled"]
    asked = client.post("/v1/ask", json={"question": "What is the total?", "wait": 0}).json()
    assert asked["model"] == "bundled"
    assert client.get(f"/v1/jobs/{asked['id']}").json()["model"] == "bundled"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/jobs", {"kind": "extract", "schema": "invoice", "model": "huge"}),
        ("/v1/ask", {"question": "What is the total?", "model": "huge"}),
    ],
    ids=["job", "question"],
)
def test_a_model_that_nobody_knows_is_refused_with_the_known_ones(
    client: TestClient, document: dict[str, Any], path: str, body: dict[str, Any]
) -> None:
    response = client.post(path, json=body)
    assert problem(response) == (422, "unknown-model")
    assert response.json()["known"] == ["bundled", "big"]
    assert client.get("/v1/jobs").json()["items"] == []


def test_a_question_without_a_name_is_answered_by_the_default_of_questions(
    client: TestClient, document: dict[str, Any], work: Callable[[], None]
) -> None:
    work()
    job = client.post("/v1/ask", json={"question": "What is the total?", "wait": 0}).json()
    work()
    assert client.get(f"/v1/jobs/{job['id']}").json()["state"] == "succeeded"
