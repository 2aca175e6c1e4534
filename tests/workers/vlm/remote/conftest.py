from collections.abc import Iterator

import pytest

from tests.protocol_server import ProtocolServer, served
from tests.workers.vlm.remote.reached import CONNECT, opened
from workers.vlm.catalog import Kind


@pytest.fixture
def server() -> Iterator[ProtocolServer]:
    with served() as server:
        yield server


@pytest.fixture(autouse=True)
def _closed_at_the_end() -> Iterator[None]:
    yield
    while opened:
        opened.pop().close()


@pytest.fixture(params=list(CONNECT))
def kind(request: pytest.FixtureRequest) -> Kind:
    return Kind(request.param)
