"""Which of some labels in words fits a page; `workers.labels` says what that makes of its document."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from workers.inference import Inference, confidence_of
from workers.labels import PageLabel, judge
from workers.vlm.interface import Prompt, PromptKind

ASKED = "kind of document"  # what the labels are about, for models that are told


def prompt_of(params: Mapping[str, Any]) -> Prompt:
    """What a job that classifies asks of a page: one of its `labels`, or none of them."""
    return Prompt("label", PromptKind.CLASSIFY, ASKED, labels=tuple(params["labels"]))


def said_in(inference: Inference) -> dict[str, Any]:
    """A label as the item keeps it; None where none of them fits. Its box is where a model has seen it."""
    generation = inference.generation
    return {
        "text": generation.text,
        "confidence": confidence_of(generation),
        "box": None if generation.box is None else generation.box.as_list(),
    }


def summary_of(
    findings: Iterable[tuple[str, int, Mapping[str, Any]]], labels: Sequence[str], failed: int
) -> dict[str, Any]:
    """The job's result, from documents in a row, with their pages and what these say: documents and pages by label."""
    documents: Counter[str | None] = Counter()
    pages: Counter[str | None] = Counter()
    mixed = total = 0
    for _, rows in groupby(findings, key=lambda finding: finding[0]):
        labelled = [page_label(number, said) for _, number, said in rows]
        judged = judge(labelled)
        documents[judged.label] += 1
        mixed += bool(judged.differing)
        total += len(labelled)
        pages.update(page.label for page in labelled)
    return {
        "labels": {label: {"documents": documents[label], "pages": pages[label]} for label in labels},
        "none": {"documents": documents[None], "pages": pages[None]},
        "mixed_documents": mixed,
        "pages": total + failed,
        "failed": failed,
    }


def page_label(number: int, said: Mapping[str, Any]) -> PageLabel:
    """What a page says, from what its item keeps."""
    return PageLabel(number, said.get("text"), said.get("confidence"), blank=bool(said.get("blank")))
