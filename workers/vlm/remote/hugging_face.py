"""Hugging Face's inference providers and endpoints, through the official client."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from huggingface_hub import InferenceClient, get_token
from huggingface_hub.errors import HfHubHTTPError, InferenceTimeoutError

from workers.vlm.catalog import Entry
from workers.vlm.remote.keys import secret_of
from workers.vlm.remote.line import Patience
from workers.vlm.remote.model import RemoteModel
from workers.vlm.remote.protocol import Fault, Trouble, cleaned, seconds_until

_NO_SECRET = "none"  # noqa: S105 - without a key of ours the client would send this machine's own to any address
_UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class HuggingFaceServer:
    """A provider's or an endpoint's chat completions."""

    client: InferenceClient = field(repr=False)
    secret: str | None = field(repr=False)

    def say(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """The body of one chat completion. Raises Trouble."""
        ask: Any = self.client.chat_completion
        given = dict(request)
        renamed = {"max_completion_tokens": given.pop("max_completion_tokens", None)}
        extra = {key: value for key, value in renamed.items() if value is not None}
        try:
            said = ask(**given, extra_body=extra or None)
        except InferenceTimeoutError:
            raise Trouble("no answer in time", fault=Fault.SLOW) from None
        except HfHubHTTPError as error:
            raise self._told(error) from None
        except json.JSONDecodeError:
            raise Trouble("its answer is no JSON", fault=Fault.BROKEN) from None
        except ValueError as error:  # no such provider, no model of it, no token
            raise Trouble(cleaned(error, self.secret), status=_UNAUTHORIZED) from None
        except Exception as error:  # noqa: BLE001 - whatever its transport raises
            raise self._unconnected(error) from None
        return said if isinstance(said, dict) else {}

    def close(self) -> None:
        """Let go of what is open; the connections are the library's own, for the whole process."""
        self.client.close()  # type: ignore[no-untyped-call]

    def _told(self, error: HfHubHTTPError) -> Trouble:
        response = error.response
        return Trouble(
            f"{response.status_code} {cleaned(_message_in(response.text), self.secret)}".strip(),
            status=response.status_code,
            retry_after=seconds_until(response.headers.get("retry-after")),
        )

    def _unconnected(self, error: Exception) -> Trouble:
        away = type(error).__name__ == "ConnectError"
        says = cleaned(f"{type(error).__name__}: {error}", self.secret)
        return Trouble(says, fault=Fault.AWAY if away else Fault.BROKEN)


def connect(name: str, entry: Entry, patience: Patience | None = None) -> RemoteModel:
    """The model that an entry of the catalog describes; nothing is sent yet. Raises ModelUnavailable without its key.

    Without a key, this machine's own token is used for the hub's providers, and none for an endpoint.
    """
    secret = secret_of(name, entry)
    client = InferenceClient(
        base_url=entry.base_url,
        provider=entry.provider,  # type: ignore[arg-type]
        token=secret or (_NO_SECRET if entry.base_url else None),
        timeout=entry.timeout_seconds,
    )
    sent = secret or (None if entry.base_url else get_token())  # whatever is sent is to be kept out of messages
    return RemoteModel(name, entry, HuggingFaceServer(client, sent), patience)


def _message_in(text: str) -> str:
    """What an error's body says: under `error`, `message` or `detail`, or all of it."""
    try:
        body = json.loads(text)
    except ValueError:
        return text
    error = body.get("error", body) if isinstance(body, dict) else body
    said = error.get("message") or error.get("detail") if isinstance(error, dict) else error
    return str(said or text)
