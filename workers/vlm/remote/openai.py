"""Any server that speaks the OpenAI protocol, through the official client."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import openai
from openai import DefaultHttpxClient, OpenAI

from workers.vlm.catalog import Entry
from workers.vlm.remote.keys import secret_of
from workers.vlm.remote.line import Patience
from workers.vlm.remote.model import RemoteModel
from workers.vlm.remote.protocol import Fault, Trouble, cleaned, seconds_until

_NO_SECRET = "none"  # noqa: S105 - without a key of ours the client would send one that is meant for another server

logging.getLogger("openai").setLevel(logging.WARNING)  # at any level of ours: it would log whole pages


@dataclass(frozen=True, slots=True)
class OpenAiServer:
    """One server. It tries nothing twice and follows no redirect: both are decided elsewhere."""

    client: OpenAI = field(repr=False)
    secret: str | None = field(repr=False)

    def say(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """The body of one chat completion. Raises Trouble."""
        create: Any = self.client.chat.completions.with_raw_response.create
        try:
            body = json.loads(create(**request).text)
        except openai.APITimeoutError:
            raise Trouble("no answer in time", fault=Fault.SLOW) from None
        except openai.APIConnectionError as error:
            raise self._unconnected(error) from None
        except openai.APIStatusError as error:
            raise self._told(error) from None
        except (openai.OpenAIError, ValueError):
            raise Trouble("its answer is no JSON", fault=Fault.BROKEN) from None
        if not isinstance(body, dict):
            raise Trouble("its answer is no JSON object", fault=Fault.BROKEN)
        return body

    def close(self) -> None:
        """Let go of the connections."""
        self.client.close()

    def _unconnected(self, error: openai.APIConnectionError) -> Trouble:
        cause = error.__cause__
        away = type(cause).__name__ == "ConnectError"
        says = f"{type(cause).__name__}: {cause}" if cause is not None else "no connection"
        return Trouble(cleaned(says, self.secret), fault=Fault.AWAY if away else Fault.BROKEN)

    def _told(self, error: openai.APIStatusError) -> Trouble:
        body = error.body
        message = body.get("message") or body.get("detail") if isinstance(body, dict) else None
        return Trouble(
            f"{error.status_code} {cleaned(message or error.response.text, self.secret)}".strip(),
            status=error.status_code,
            retry_after=seconds_until(error.response.headers.get("retry-after")),
        )


def connect(name: str, entry: Entry, patience: Patience | None = None) -> RemoteModel:
    """The model that an entry of the catalog describes; nothing is sent yet. Raises ModelUnavailable without a key."""
    secret = secret_of(name, entry)
    client = OpenAI(
        base_url=entry.base_url,
        api_key=secret or _NO_SECRET,
        timeout=entry.timeout_seconds,
        max_retries=0,
        http_client=DefaultHttpxClient(follow_redirects=False),
    )
    return RemoteModel(name, entry, OpenAiServer(client, secret), patience)
