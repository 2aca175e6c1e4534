"""What a page shows, or a region of it: a caption of a sentence or two, and of a document that of its first page."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from PIL import Image

from core.records import Box
from workers.inference import Inference, confidence_of
from workers.vlm.interface import Prompt, PromptKind


def prompt_of(params: Mapping[str, Any]) -> Prompt:
    """What a job that describes asks of a page. With a `region`, the model is shown that alone."""
    region = params.get("region")
    if region is None:
        return Prompt("description", PromptKind.DESCRIBE, "page")
    return Prompt("description", PromptKind.DESCRIBE, "part of a page", region=Box(*region))


def said_in(inference: Inference) -> dict[str, Any]:
    """A caption as the item keeps it. Its box is the region that it is about, else where a model says it looked."""
    generation, region = inference.generation, inference.prompt.region
    box = region or generation.box
    return {
        "text": generation.text,
        "confidence": confidence_of(generation),
        "box": None if box is None else box.as_list(),
    }


def cut_out(page: Image.Image, box: Box) -> Image.Image:
    """A region of a page as a picture of its own, at least a pixel wide and high."""
    width, height = page.size
    left, top = min(width - 1, int(box.x0 * width)), min(height - 1, int(box.y0 * height))
    return page.crop((left, top, max(left + 1, round(box.x1 * width)), max(top + 1, round(box.y1 * height))))


def summary_of(findings: Iterable[Mapping[str, Any]], failed: int) -> dict[str, Any]:
    """The job's result: how many pages have a caption, and how many have nothing to describe."""
    counts = Counter(
        "blank" if said.get("blank") else "described" if said.get("text") else "silent" for said in findings
    )
    return {
        "pages": sum(counts.values()) + failed,
        "described": counts["described"],
        "blank": counts["blank"],
        "without_a_description": counts["silent"],
        "failed": failed,
    }
