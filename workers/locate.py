"""Where something stands: a text, as it is printed; a thing such as a signature, by models that point at things."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from core.records import Box
from workers.inference import Inference, confidence_of
from workers.vlm.interface import Line, Prompt, PromptKind

MOST_PLACES = 20  # that a page keeps
_ASKED = re.compile(r"where(?:['’]s| is| are| does| do| stands?)\s+(.*)", re.IGNORECASE | re.DOTALL)
_ARTICLE = re.compile(r"(?:the|a|an|any|all(?: the)?|this|its|your)\s+(?=\S)", re.IGNORECASE)
_TAIL = re.compile(
    r"(?:\s+(?:stand|appear|written|printed|placed|located))?(?:\s+on (?:this|the) page)?$", re.IGNORECASE
)
_QUOTED = re.compile(r"""^["“„'«](.+)["”“'»]$""", re.DOTALL)


def prompt_of(params: Mapping[str, Any]) -> Prompt:
    """What a job that locates asks of a page. With a `region`, the model is shown that alone."""
    region = params.get("region")
    box = None if region is None else Box(*region)
    return Prompt("place", PromptKind.LOCATE, wanted_in(str(params["text"])), region=box)


def wanted_in(text: str) -> str:
    """What is looked for: `Where is the signature?` wants `signature`. What stands in quotes is taken to the letter."""
    said = " ".join(text.split())
    asked = _ASKED.fullmatch(said.rstrip(" ?!."))
    if asked is None:
        return _unquoted(said)
    named = _TAIL.sub("", asked[1]).strip()
    return _unquoted(_ARTICLE.sub("", named, count=1) if _QUOTED.match(named) is None else named) or said


def said_in(inference: Inference) -> dict[str, Any]:
    """The places as the item keeps them, on the page, the surest first; without a place nothing was found."""
    generation, region = inference.generation, inference.prompt.region
    places = [_place(line, region) for line in generation.lines[:MOST_PLACES]]
    if not places and generation.box is not None and generation.text:
        places = [_place(Line(generation.text, generation.box, confidence_of(generation)), region)]
    best = places[0] if places else {"text": None, "confidence": confidence_of(generation), "box": None}
    return {**best, "places": places}


def summary_of(findings: Iterable[tuple[str, Mapping[str, Any]]], failed: int) -> dict[str, Any]:
    """The job's result, from the documents and what their pages say: where it was found, and how often."""
    looked_at = [(document, len(said.get("places", ()))) for document, said in findings]
    return {
        "pages": len(looked_at) + failed,
        "pages_with_it": sum(count > 0 for _, count in looked_at),
        "documents_with_it": len({document for document, count in looked_at if count}),
        "places": sum(count for _, count in looked_at),
        "failed": failed,
    }


def _place(line: Line, region: Box | None) -> dict[str, Any]:
    return {"text": line.text, "confidence": line.confidence, "box": _on_page(line.box, region).as_list()}


def _on_page(box: Box, region: Box | None) -> Box:
    """A box in shares of a region, in shares of its page."""
    if region is None:
        return box
    wide, high = region.x1 - region.x0, region.y1 - region.y0
    return Box(
        region.x0 + box.x0 * wide, region.y0 + box.y0 * high, region.x0 + box.x1 * wide, region.y0 + box.y1 * high
    )


def _unquoted(text: str) -> str:
    quoted = _QUOTED.match(text)
    return (quoted[1] if quoted else text).strip()
