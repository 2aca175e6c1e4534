"""A hint is only a hint: sent where there is a broker, and never in anybody's way where there is none."""

import socket
import time
from collections.abc import Iterator

import pytest
import redis

from core.records import Queue
from workers.send import announce


def _waiting(redis_url: str) -> dict[str, int]:
    with _client(redis_url) as client:
        return {queue.value: int(client.llen(queue.value)) for queue in Queue}


def _client(redis_url: str) -> redis.Redis:
    if redis_url.startswith("redis+socket://"):
        return redis.Redis(unix_socket_path=redis_url.removeprefix("redis+socket://"))
    return redis.Redis.from_url(redis_url)


def test_every_queue_gets_one_hint(redis_url: str) -> None:
    assert announce([Queue.BULK, Queue.INTERACTIVE, Queue.BULK], redis_url)
    assert _waiting(redis_url) == {"rasterize": 0, "bulk": 1, "interactive": 1}


def test_hints_still_arrive_after_all_keys_were_flushed(redis_url: str) -> None:
    announce([Queue.BULK], redis_url)
    with _client(redis_url) as client:
        client.flushall()
    assert announce([Queue.BULK], redis_url)
    assert _waiting(redis_url)["bulk"] == 1


def test_without_a_broker_nothing_is_sent() -> None:
    assert announce([Queue.BULK], None) is False


def test_nothing_to_announce_is_no_failure(redis_url: str) -> None:
    assert announce([], redis_url)
    assert sum(_waiting(redis_url).values()) == 0


@pytest.fixture
def dead_url() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


@pytest.fixture
def silent_url() -> Iterator[str]:
    """Somebody who takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


def test_a_broker_that_is_down_raises_nothing(dead_url: str) -> None:
    assert announce([Queue.BULK], dead_url) is False
    assert announce([Queue.BULK], dead_url) is False


def test_a_broker_that_says_nothing_holds_nobody_up(silent_url: str) -> None:
    began = time.monotonic()
    assert [announce([Queue.BULK], silent_url) for _ in range(20)] == [False] * 20
    assert time.monotonic() - began < 20  # a minute and more if each of them waited
