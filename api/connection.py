"""A connection to a service: requests with one key, tried again where that may help, errors by their codes."""

import time
import uuid
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self, TypeAlias, TypeVar

import httpx

from api.results import made_from
from api.wire_errors import answer_of
from core.errors import ConfigurationError, FolioscopeError, IdempotencyInFlight, ServiceUnavailable

T = TypeVar("T")
Parameters: TypeAlias = Mapping[str, str | int | list[str] | None]

_TIMEOUT = httpx.Timeout(
    120.0, connect=5.0
)  # a question waits up to a minute, an upload is read by the service for longer
_PAUSES = (0.2, 0.4, 0.8, 1.6)  # seconds before each further try
_IN_FLIGHT_PAUSE = 5.0


class Connection:
    """What every part of the client asks the service through. Not to be used from several threads at once."""

    def __init__(self, url: str, key: str | None = None, *, timeout: httpx.Timeout = _TIMEOUT) -> None:
        """`url` is where the service listens, `key` one that `folioscope up` or `migrate` has made.

        Raises ConfigurationError where `url` is none.
        """
        self.url = url.rstrip("/")
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        try:
            base = httpx.URL(self.url)
        except httpx.InvalidURL:
            base = httpx.URL()
        if base.scheme not in {"http", "https"} or not base.host:
            raise ConfigurationError(f"{url!r} is no address of a service; one looks like http://127.0.0.1:8470.")
        self._http = httpx.Client(base_url=base, headers=headers, timeout=timeout, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. Safe to call twice."""
        self._http.close()

    def _each(self, kind: type[T], path: str, parameters: Parameters | None = None) -> Iterator[T]:
        """All items of a list, page by page."""
        cursor: str | None = None
        while True:
            body = self._get(path, {**(parameters or {}), "cursor": cursor})
            for item in body["items"]:
                yield made_from(kind, item)
            cursor = body.get("next_cursor")
            if cursor is None:
                return

    def _get(self, path: str, parameters: Parameters | None = None) -> Any:
        return self._request("GET", path, params=_given(parameters)).json()

    def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._request("POST", path, json=body, headers={"Idempotency-Key": uuid.uuid4().hex}).json()

    def _pieces(self, path: str, parameters: Parameters | None = None) -> Iterator[bytes]:
        """A file that the service makes while it sends it. Raises ServiceUnavailable where it breaks off."""
        try:
            with self._http.stream("GET", path, params=_given(parameters)) as response:
                if not response.is_success:
                    response.read()
                answer_of(response, self.url)
                yield from response.iter_bytes()
        except httpx.ConnectError as error:
            raise self._nobody() from error
        except httpx.TransportError as error:
            raise ServiceUnavailable(f"The connection to {self.url} broke off; the file is not whole.") from error

    def _request(self, method: str, path: str, **given: Any) -> httpx.Response:
        """One request, tried again where that may help. Raises the error that the service names."""
        for pause in _PAUSES:
            try:
                return self._once(method, path, **given)
            except IdempotencyInFlight:  # our own request, which the service is still at
                time.sleep(_IN_FLIGHT_PAUSE)
            except FolioscopeError as error:
                if not error.retryable:
                    raise
                time.sleep(pause)
        return self._once(method, path, **given)

    def _once(self, method: str, path: str, **given: Any) -> httpx.Response:
        try:
            response = self._http.request(method, path, **given)
        except httpx.ConnectError as error:
            raise self._nobody() from error
        except httpx.TransportError as error:
            raise ServiceUnavailable(
                f"The connection to {self.url} broke off: {str(error) or type(error).__name__}."
            ) from error
        return answer_of(response, self.url)

    def _nobody(self) -> ServiceUnavailable:
        return ServiceUnavailable(
            f"Nothing answers at {self.url}; start it with `folioscope up`, or set FOLIOSCOPE_API_URL."
        )


def _given(parameters: Parameters | None) -> dict[str, Any]:
    return {name: value for name, value in (parameters or {}).items() if value is not None}
