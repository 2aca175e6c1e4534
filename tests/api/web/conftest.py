"""A browser without scripts: it keeps cookies, follows redirects when told, and sends forms with their word."""

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ingest.sandbox import Sandbox
from tests.api.conftest import started

Browser: TypeAlias = TestClient | httpx.Client  # within the process, or over a line
WORD = re.compile(r'data-word="([0-9a-f]{64})"')


@pytest.fixture
def browser(app: FastAPI, key: str, sandbox: Sandbox) -> Iterator[TestClient]:
    """A browser that is signed in."""
    with started(app, sandbox) as running:
        assert sign_in(running, key).status_code == 303
        yield running


def sign_in(browser: Browser, key: str, **fields: str) -> Any:
    """Send the form with a key."""
    return browser.post("/sign-in", data={"key": key, **fields}, follow_redirects=False)


def word_of(browser: Browser) -> str:
    """What forms of this browser carry."""
    found = WORD.search(browser.get("/ask").text)
    assert found is not None
    return found[1]
