"""One warm sandbox for the tests that only need pages drawn."""

from collections.abc import Iterator

import pytest

from ingest.limits import Limits
from ingest.sandbox import Sandbox


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox under the default limits."""
    with Sandbox(Limits()) as shared:
        yield shared
