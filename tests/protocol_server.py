"""A server on the loopback that speaks the OpenAI protocol, well or badly, as a test tells it.

A test gives acts: each request is served by the next one, and by the last one for ever. Whoever asks the smallest of
questions, whether the server is there at all, is answered for as long as it is.
"""

import json
import math
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

Body: TypeAlias = dict[str, Any]
Act: TypeAlias = Callable[["Handler", Body], None]


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    owner: "ProtocolServer"

    def do_POST(self) -> None:
        body: Body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if body["messages"][-1]["content"] == "Say ok." and self.owner.probed is not None:
            self.owner.probed(self, body)
            return
        self.owner.next_act(self.path, dict(self.headers), body)(self, body)

    def answer(self, status: int, body: Body, headers: dict[str, str] | None = None) -> None:
        self.send(status, json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})})

    def send(self, status: int, data: bytes, headers: dict[str, str], length: int | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data) if length is None else length))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def log_message(self, *_: Any) -> None:
        """Nothing: what is asked stands in `requests`."""


@dataclass
class ProtocolServer:
    """What a test tells the server, and what the server was asked."""

    url: str
    acts: list[Act] = field(default_factory=list)
    probed: Act | None = None
    requests: list[Body] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    busy: int = 0
    most_busy: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def plays(self, *acts: Act) -> None:
        """From now on, these."""
        with self._lock:
            self.acts = list(acts)

    def next_act(self, path: str, headers: dict[str, str], body: Body) -> Act:
        assert path == "/v1/chat/completions", path
        with self._lock:
            self.requests.append(body)
            self.headers.append(headers)
            return self.acts.pop(0) if len(self.acts) > 1 else self.acts[0]

    @contextmanager
    def counted(self) -> Iterator[None]:
        with self._lock:
            self.busy += 1
            self.most_busy = max(self.most_busy, self.busy)
        try:
            yield
        finally:
            with self._lock:
                self.busy -= 1


@contextmanager
def served(port: int = 0) -> Iterator[ProtocolServer]:
    """A server while the block lasts, on a free port or this one."""
    handler = type("OneHandler", (Handler,), {})
    with Quiet(("127.0.0.1", port), handler) as http:
        server = ProtocolServer(f"http://127.0.0.1:{http.server_address[1]}/v1", [says("ok")], says("ok"))
        handler.owner = server  # type: ignore[attr-defined]
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            http.shutdown()
            thread.join()


class Quiet(ThreadingHTTPServer):
    """Clients go away without a word, which is none of its business."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: Any) -> None:
        """Say nothing."""


def says(text: str, tokens: Sequence[tuple[str, float]] | None = None, finish: str = "stop", **message: Any) -> Act:
    """A good answer: with the probabilities of its tokens where they are given and asked for."""

    def act(handler: Handler, body: Body) -> None:
        content = [
            {"token": t, "logprob": math.log(p), "bytes": list(t.encode()), "top_logprobs": []} for t, p in tokens or ()
        ]
        choice = {
            "index": 0,
            "finish_reason": finish,
            "message": {"role": "assistant", "content": text, **message},
            "logprobs": {"content": content} if content and body.get("logprobs") else None,
        }
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        handler.answer(
            200,
            {
                "id": "1",
                "object": "chat.completion",
                "created": 1,
                "model": body.get("model", ""),
                "system_fingerprint": "",
                "choices": [choice],
                "usage": usage,
            },
        )

    return act


def says_json(values: Body, **given: Any) -> Act:
    """A good answer that fills a form in."""
    return says(json.dumps(values), **given)


def fails(status: int, message: str = "no", **headers: str) -> Act:
    """An error as such servers tell it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler, _: handler.answer(status, {"error": {"message": message, "type": "error"}}, named)


def refuses(option: str, then: Act, message: str = "Unsupported parameter: {option}") -> Act:
    """400 that names an option, where the request has it."""

    def act(handler: Handler, body: Body) -> None:
        refusal = fails(400, message.format(option=option))
        (refusal if option in body else then)(handler, body)

    return act


def hangs(handler: Handler, _: Body) -> None:
    """No answer until the server ends."""
    handler.owner.closing.wait(60)
    handler.close_connection = True


def slowly(act: Act, seconds: float) -> Act:
    """The act, a little later; it is counted how many are under way."""

    def later(handler: Handler, body: Body) -> None:
        with handler.owner.counted():
            time.sleep(seconds)
        act(handler, body)

    return later


def cuts(handler: Handler, _: Body) -> None:
    """The connection breaks in the middle of the answer."""
    handler.send(200, b'{"choices": [', {"Content-Type": "application/json"}, length=10_000)
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def halves(handler: Handler, _: Body) -> None:
    """A whole answer that is half a JSON."""
    handler.send(200, b'{"choices": [{"message": {"content": "1', {"Content-Type": "application/json"})


def babbles(handler: Handler, _: Body) -> None:
    """What a wrong port or a proxy answers."""
    handler.send(200, b"<html>Welcome to nginx!</html>", {"Content-Type": "text/html"})


def empties(handler: Handler, _: Body) -> None:
    """JSON without a message."""
    handler.answer(200, {"id": "1", "object": "chat.completion", "created": 1, "model": "", "choices": []})
