"""The fetcher of pictures: it reaches public addresses alone, whatever a link says, and is never kept busy."""

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from api.fetch import Fetcher, FetchLimits, is_public
from core.errors import PictureRefused
from tests.scripted_model import picture

Answer = Callable[[BaseHTTPRequestHandler], None]
HOURS = 3600.0


@contextmanager
def serving(answer: Answer, host: str = "127.0.0.1") -> Iterator[str]:
    """A web server on the loopback that answers every GET in this way; its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            """Silence."""

    server = ThreadingHTTPServer((host, 0), Handler)
    server.block_on_close = False  # an answer without end is not waited for
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://{host}:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def sending(content: bytes, kind: str = "image/png", status: int = 200, **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Type", kind)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(content)

    return answer


def leading_to(*places: str) -> Answer:
    """Redirects, one after the other; the path says which."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        step = int(request.path.strip("/") or 0)
        request.send_response(302)
        request.send_header("Location", places[step])
        request.send_header("Content-Length", "0")
        request.end_headers()

    return answer


def for_tests(**limits: float) -> Fetcher:
    return Fetcher(FetchLimits(**limits), loopback_for_tests=True)  # type: ignore[arg-type]


def refusal(fetcher: Fetcher, url: str) -> str:
    with pytest.raises(PictureRefused) as refused:
        fetcher.fetch(url)
    return refused.value.detail


def test_a_picture_behind_a_link_is_fetched() -> None:
    with serving(sending(picture(7), "image/png; charset=binary")) as url:
        assert for_tests().fetch(f"{url}/page.png?size=1#top") == picture(7)


def test_a_redirect_within_reach_is_followed() -> None:
    with serving(sending(picture(7))) as there, serving(leading_to("1", f"{there}/page.png")) as url:
        assert for_tests().fetch(url) == picture(7)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",  # 127.0.0.1 as one number
        "0x7f000001",
        "0177.0.0.1",
        "0.0.0.0",  # noqa: S104 - nothing listens
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:10.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::a00:1]",
        "[2002:7f00:1::]",
        "[2001:0:7f00:1::]",
        "[::127.0.0.1]",
        "[fe80::1]",
        "[fd00::1]",
        "[fec0::1]",
        "[ff02::1]",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",  # where clouds keep their secrets
        "100.64.0.1",
        "168.63.129.16",  # and where two of them keep theirs
        "192.0.0.192",
        "192.88.99.1",
        "198.18.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
    ],
)
def test_no_address_that_is_not_public_is_connected_to(host: str) -> None:
    assert "public address" in refusal(Fetcher(), f"http://{host}:9/page.png")


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_a_public_address_is_one(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("inside", ["10.0.0.1", "127.0.0.1", "::1", "169.254.169.254", "::ffff:192.168.0.1"])
def test_a_name_with_one_address_that_is_not_public_is_refused_whole(inside: str) -> None:
    fetcher = Fetcher(resolve=lambda _host, _port: ["93.184.215.14", inside])
    assert "public address" in refusal(fetcher, "https://pictures.example/page.png")


def test_a_name_is_asked_for_once_and_what_was_checked_is_what_is_connected_to() -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])  # a name that changes its mind
    with serving(sending(picture(7))) as url:
        port = url.rpartition(":")[2]
        fetcher = Fetcher(resolve=lambda _host, _port: next(answers), loopback_for_tests=True)
        assert fetcher.fetch(f"http://pictures.example:{port}/page.png") == picture(7)


def test_a_name_that_nobody_knows_is_refused() -> None:
    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror

    assert "not known" in refusal(Fetcher(resolve=unknown), "https://nobody.example/page.png")
    assert "public address" in refusal(Fetcher(resolve=lambda _host, _port: []), "https://empty.example/page.png")


def test_a_name_whose_owner_does_not_answer_is_given_up_when_the_time_is_over() -> None:
    ended = threading.Event()

    def resolve(_host: str, _port: int) -> list[str]:
        ended.wait(60)
        return ["127.0.0.1"]

    fetcher = Fetcher(FetchLimits(seconds=0.2), resolve, loopback_for_tests=True)
    assert "took longer than 0.2 seconds" in refusal(fetcher, "http://slow.example/page.png")
    ended.set()


@pytest.mark.parametrize(
    "place", ["http://10.0.0.1/", "//169.254.169.254/latest/", "http://[::ffff:10.0.0.1]/", "http://167772161/"]
)
def test_a_redirect_to_an_address_that_is_not_public_is_not_followed(place: str) -> None:
    with serving(leading_to(place)) as url:
        assert "public address" in refusal(for_tests(), url)


@pytest.mark.parametrize("place", ["file:///etc/passwd", "ftp://127.0.0.1/", "http://me:secret@127.0.0.1/", "http://["])
def test_a_redirect_to_something_that_is_no_link_is_not_followed(place: str) -> None:
    with serving(leading_to(place)) as url:
        assert refusal(for_tests(), url).startswith("The link ")


def test_a_link_that_leads_on_and_on_is_given_up() -> None:
    with serving(leading_to("1", "2", "3", "0")) as url:
        assert "more than 3 times" in refusal(for_tests(), url)


def test_a_body_without_end_is_broken_off() -> None:
    def endless(request: BaseHTTPRequestHandler) -> None:
        sending(b"")(request)
        try:
            while True:
                request.wfile.write(b"x" * 65_536)
        except OSError:
            return  # the fetcher has hung up

    with serving(endless) as url:
        assert "more than 100000 bytes" in refusal(for_tests(most_bytes=100_000), url)


def dripping(request: BaseHTTPRequestHandler) -> None:
    sending(b"", Content_Length="1000")(request)
    drip(request)


def dripping_headers(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    drip(request)


def drip(request: BaseHTTPRequestHandler) -> None:
    try:
        for _ in range(1000):
            request.wfile.write(b"x")
            time.sleep(0.02)
    except OSError:
        return  # the fetcher has hung up


def silent(request: BaseHTTPRequestHandler) -> None:
    request.rfile.read(1)  # until the fetcher hangs up


@pytest.mark.parametrize("answer", [dripping, dripping_headers, silent])
def test_a_server_that_is_slow_on_purpose_is_given_up_when_the_time_is_over(answer: Answer) -> None:
    with serving(answer) as url:
        assert "took longer than 0.3 seconds" in refusal(for_tests(seconds=0.3), url)


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/octet-stream", ""])
def test_what_is_no_picture_by_its_type_is_refused(kind: str) -> None:
    with serving(sending(b"<svg/>", kind)) as url:
        assert "no picture" in refusal(for_tests(), url)


@pytest.mark.parametrize("status", [204, 304, 404, 500])
def test_an_answer_that_is_no_good_one_is_refused(status: int) -> None:
    with serving(sending(b"", status=status)) as url:
        assert f"status {status}" in refusal(for_tests(), url)


def greeting(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"220 smtp ready\r\n")


def test_a_server_that_hangs_up_or_speaks_another_protocol_is_refused() -> None:
    with serving(lambda request: request.connection.close()) as url:
        assert "does not answer" in refusal(for_tests(), url)
    with serving(greeting) as url:
        assert "does not answer" in refusal(for_tests(), url)
    with serving(sending(picture(7))) as url:
        assert "does not answer" in refusal(for_tests(), url.replace("http://", "https://"))


def test_a_body_that_is_cut_off_is_refused() -> None:
    with serving(sending(picture(7)[:50], Content_Length="500")) as url:
        assert "does not answer" in refusal(for_tests(), url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "page.png",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http:///page.png",
        "http://a b/",
        "http://127.0.0.1:port/",
        "http://127.0.0.1:0/",
        "http://user@127.0.0.1/",
        "http://127.0.0.1/\r\nX-More: 1",
        "http://127.0.0.1/\N{LATIN SMALL LETTER E WITH ACUTE}",
        "http://[::1/",
    ],
)
def test_what_is_no_link_is_refused_before_anything_is_connected(url: str) -> None:
    def nobody(_host: str, _port: int) -> list[str]:
        raise AssertionError("it was resolved")

    assert refusal(Fetcher(resolve=nobody), url).startswith("The link ")
