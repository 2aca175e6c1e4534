"""Pictures by link, from public addresses alone: each address is checked, behind each redirect anew.

What is checked is the address that is connected to, at the moment of connecting. So it does not matter how a link
spells its host (a decimal number, an IPv6 form of an IPv4 address, a name that changes its mind), nor what a redirect
says.
"""

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urljoin, urlsplit

import httpcore

from core.errors import PictureRefused
from ingest.sniff import IMAGE_KINDS

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve: TypeAlias = Callable[[str, int], Sequence[str]]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GOOD = 200
_PORTS = {"http": 80, "https": 443}
_TYPES = frozenset(kind.value for kind in IMAGE_KINDS)
_HEADERS = [
    ("Accept", ", ".join(sorted(_TYPES))),
    ("Accept-Encoding", "identity"),  # what is small on the wire stays small here
    ("Connection", "close"),
    ("User-Agent", "folioscope"),
]
_UNICAST = ipaddress.IPv6Network("2000::/3")
_WRAPPING = (  # in each of them an IPv4 address may hide; NAT64 lies outside of _UNICAST
    ipaddress.IPv6Network("2002::/16"),  # 6to4
    ipaddress.IPv6Network("2001::/23"),  # Teredo among others
    ipaddress.IPv6Network("2001:db8::/32"),
    ipaddress.IPv6Network("3fff::/20"),
)
_INSIDE = (  # public by their number, and yet the inner doors of clouds: their machines ask them for secrets
    ipaddress.IPv4Network("168.63.129.16/32"),
    ipaddress.IPv4Network("192.0.0.0/24"),
    ipaddress.IPv4Network("192.88.99.0/24"),  # relays of 6to4
)


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What one picture may take, redirects included."""

    most_bytes: int = 16_777_216
    seconds: float = 10.0
    redirects: int = 3


def resolved(host: str, port: int) -> list[str]:
    """All addresses of a host by the system's resolver. Raises OSError where it has none."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet, and to one machine on it."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        return address in _UNICAST and address.is_global and not any(address in wrapping for wrapping in _WRAPPING)
    is_inside = any(address in network for network in _INSIDE)
    return address.is_global and not address.is_multicast and not address.is_reserved and not is_inside


class Fetcher:
    """Fetches pictures under limits. Threads may share it."""

    def __init__(
        self, limits: FetchLimits | None = None, resolve: Resolve = resolved, *, loopback_for_tests: bool = False
    ) -> None:
        """No setting reaches `loopback_for_tests`: a server of this machine is reached by tests alone."""
        self._limits = limits or FetchLimits()
        self._resolve = resolve
        self._loopback = loopback_for_tests

    def fetch(self, url: str) -> bytes:
        """The bytes that a link leads to, of an image type by the server's word. Raises PictureRefused."""
        limits = self._limits
        deadline = _Deadline(limits.seconds)
        backend = _CheckedBackend(self._resolve, deadline, self._is_allowed)
        try:
            with httpcore.ConnectionPool(network_backend=backend) as pool:
                for _ in range(limits.redirects + 1):
                    content, onward = _get(pool, _checked(url), limits.most_bytes, deadline)
                    if onward is None:
                        return content
                    url = urljoin(url, onward)
        except httpcore.TimeoutException as error:
            raise PictureRefused(_too_slow(limits.seconds)) from error
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError, ValueError) as error:
            raise PictureRefused("The link cannot be fetched: the server does not answer as it should.") from error
        raise PictureRefused(f"The link leads on more than {limits.redirects} times.")

    def _is_allowed(self, address: Address) -> bool:
        return is_public(address) or (self._loopback and address.is_loopback)


class _Deadline:
    """The end of all patience with one link."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left. Raises PictureRefused without any."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise PictureRefused(_too_slow(self._seconds))
        return left


class _CheckedBackend(httpcore.NetworkBackend):
    """Connects to addresses that are allowed, and to nothing else."""

    def __init__(self, resolve: Resolve, deadline: _Deadline, is_allowed: Callable[[Address], bool]) -> None:
        self._resolve, self._deadline, self._is_allowed = resolve, deadline, is_allowed
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the library's form; the deadline is the timeout
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first of the host's addresses that answers. All of them must be allowed."""
        failure: Exception = httpcore.ConnectError("no address")
        for address in self._addresses(host, port):
            try:
                stream = self._plain.connect_tcp(address, port, self._deadline.left(), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream, self._deadline)
        raise failure

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        """There is no picture behind one."""
        raise NotImplementedError

    def _addresses(self, host: str, port: int) -> list[str]:
        """The addresses of the host, in the words that are connected to. Raises PictureRefused."""
        try:
            found = [ipaddress.ip_address(address) for address in self._resolved(host, port)]
        except (OSError, ValueError) as error:
            raise PictureRefused("The link's host is not known.") from error
        if not found or not all(self._is_allowed(address) for address in found):
            raise PictureRefused("The link does not lead to a public address; send the picture itself, as a data URL.")
        return list(dict.fromkeys(str(address) for address in found))

    def _resolved(self, host: str, port: int) -> Sequence[str]:
        """What the resolver says, which knows no deadline of its own: a name's owner decides how slow it is."""
        found: Future[Sequence[str]] = Future()
        threading.Thread(target=_settle, args=(found, self._resolve, host, port), name="resolve", daemon=True).start()
        wait([found], self._deadline.left())
        self._deadline.left()
        return found.result(0)


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every read and write ends with the deadline, however slowly bytes come."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the library's form
        """Some bytes."""
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - the library's form
        """All bytes."""
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        """Hang up."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: Any,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - the library's form
    ) -> httpcore.NetworkStream:
        """The same, encrypted; the certificate must be the host's, not the address's."""
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, self._deadline.left()), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """What the connection knows of itself."""
        return self._stream.get_extra_info(info)


def _settle(found: "Future[Sequence[str]]", resolve: Resolve, host: str, port: int) -> None:
    try:
        found.set_result(resolve(host, port))
    except Exception as error:  # noqa: BLE001 - whoever waits is told
        found.set_exception(error)


def _too_slow(seconds: float) -> str:
    return f"The link took longer than {seconds:g} seconds."


def _checked(url: str) -> str:
    """A link that can be fetched at all. Raises PictureRefused."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise PictureRefused("The link is none.") from error
    if parts.scheme not in _PORTS or not parts.hostname or not all("!" <= c <= "~" for c in url):
        raise PictureRefused("The link is none; it begins with https:// and has no spaces.")
    if parts.username is not None or parts.password is not None or port == 0:
        raise PictureRefused("The link may name no user, no password and no port 0.")
    return url.partition("#")[0]


def _get(pool: httpcore.ConnectionPool, url: str, most_bytes: int, deadline: _Deadline) -> tuple[bytes, str | None]:
    """What stands behind a link, or where it leads on to."""
    with pool.stream("GET", url, headers=_HEADERS) as response:
        headers = {name.lower(): value.decode("latin-1") for name, value in response.headers}
        if response.status in _REDIRECTS and b"location" in headers:
            return b"", headers[b"location"]
        if response.status != _GOOD:
            raise PictureRefused(f"The link answers with status {response.status}.")
        kind = headers.get(b"content-type", "").partition(";")[0].strip().lower()
        if kind not in _TYPES:
            raise PictureRefused(f"The link leads to no picture: its type must be one of {', '.join(sorted(_TYPES))}.")
        content = bytearray()
        for chunk in response.iter_stream():
            content += chunk
            if len(content) > most_bytes:
                raise PictureRefused(f"The picture behind the link has more than {most_bytes} bytes.")
            deadline.left()
        return bytes(content), None
