"""How a page is made: templates that escape everything, files of our own alone, and a policy that runs nothing else."""

import gzip
import hashlib
import importlib.resources
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from api.web.visitor import Visitor
from core.errors import NotFound

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ASSETS = "/assets/"
_FOR_EVER = "public, max-age=31536000, immutable"  # addresses carry the hash of what stands there
_WORTH_PRESSING = ("text/", "application/json", "image/svg")


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages load."""

    data: bytes
    pressed: bytes | None  # by gzip
    media_type: str
    mark: str  # of its bytes


def render(visitor: Visitor | None, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page, or a part of one, for a visitor; None before anybody has signed in."""
    text = text_of(visitor, template, **values)
    answer = HTMLResponse(text, status, {"Content-Security-Policy": POLICY})
    if visitor is not None and visitor.is_new:
        visitor.remember(answer)
    return answer


def text_of(visitor: Visitor | None, template: str, **values: Any) -> str:
    """The same as a text, for what is sent in another way than as an answer."""
    return _templates().get_template(template).render(visitor=visitor, **values)


def asset_response(name: str, headers: Mapping[str, str]) -> Response:
    """A file that pages load, pressed where the browser takes it so. Raises NotFound."""
    asset = find_asset(name)
    if asset is None:
        raise NotFound("There is no such file.")
    said = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
    if asset.pressed is not None and "gzip" in headers.get("accept-encoding", ""):
        return Response(asset.pressed, 200, said | {"Content-Encoding": "gzip"}, asset.media_type)
    return Response(asset.data, 200, said, asset.media_type)


@cache
def find_asset(name: str) -> Asset | None:
    """A file by its path under `assets`; None where there is none, or the path leads elsewhere."""
    parts = name.split("/")
    if any(part in {"", ".", ".."} for part in parts):
        return None
    file = importlib.resources.files("api.web") / "assets"
    for part in parts:
        file /= part
    if not file.is_file():
        return None
    data = file.read_bytes()
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    pressed = gzip.compress(data, 9, mtime=0) if media_type.startswith(_WORTH_PRESSING) else None
    return Asset(data, pressed, media_type, hashlib.sha256(data).hexdigest()[:12])


def address_of(name: str) -> str:
    """Where pages load a file from; another address whenever its bytes are others."""
    asset = find_asset(name)
    assert asset is not None, name  # noqa: S101 - a template names a file of ours
    return f"{ASSETS}{name}?{asset.mark}"


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("api.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["asset"] = address_of
    return made
