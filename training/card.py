"""Write the model card's figures from a scoring run: `python -m training.card --scores runs/scores.json`.

The card is `docs/model-card.md`; what stands between its two markers is replaced. A short one goes beside the weights.
"""

import argparse
import json
import re
from pathlib import Path
from typing import Any

from workers.vlm.bundled.backend import FOLDER

CARD = Path("docs/model-card.md")
MARKERS = ("<!-- figures -->", "<!-- end of figures -->")
SIDES = {"kind": "asked by", "grade": "grade", "family": "document", "field": "field"}


def row_of(name: str, group: dict[str, Any]) -> str:
    """One line of a table."""
    few, many = group["absent_interval"]
    low, high = group["exact_interval"]
    present = f"{group['present']} | {group['exact']:.3f} ({low:.2f} to {high:.2f}) | {group['anls']:.3f}"
    absent = f"{group['absent']} | {group['absent_answered']:.3f} ({few:.2f} to {many:.2f})"
    if not group["present"]:
        present = "0 | | "
    if not group["absent"]:
        absent = "0 | "
    return f"| {name.replace('_', ' ')} | {present} | {absent} |"


def figures(scores: dict[str, Any]) -> str:
    """All tables in Markdown."""
    tables = scores["tables"]
    whole = tables["all"]["all"]
    rates = ", ".join(f"{rate:.1%} on {grade} pages" for grade, rate in scores["character_error_rate"].items())
    lines = [
        f"Weights `{scores['revision']}`, {scores['pages']} held-out pages at {scores['dpi']} dpi, two in three clean,",
        "the others scanned. In brackets the 95 % interval (Wilson's; prompts of a page are not independent, so the",
        "true ones are a little wider).",
        "",
        f"- Characters read wrong, over everything on the page: {rates}.",
        f"- Boxes of right answers that overlap the true one by half or more: {whole['box_half']:.1%}.",
        f"- Of a right and a wrong answer, the right one has the higher confidence in {whole['confidence_order']:.0%}.",
        f"- {whole['sure_share']:.0%} of all answers come with a confidence of 0.8 or more;",
        f"  {whole['sure_exact']:.1%} of those are right.",
    ]
    for side in ("all", *SIDES):
        head = SIDES.get(side, "")
        lines += [
            "",
            f"| {head} | there | exact | ANLS | not there | answered all the same |",
            "|---|---|---|---|---|---|",
        ]
        rows = [(name, group) for name, group in tables[side].items() if side != "kind" or group["present"]]
        lines += [row_of("everything" if side == "all" else name, group) for name, group in rows]
    return "\n".join(lines)


def put(text: str, between: str) -> str:
    """The card with new figures between its markers."""
    start, end = MARKERS
    return re.sub(f"{start}.*{end}", lambda _: f"{start}\n{between}\n{end}", text, flags=re.DOTALL)


def short_card(scores: dict[str, Any]) -> str:
    """What lies beside the weights."""
    whole = scores["tables"]["all"]["all"]
    named = scores["tables"]["kind"].get("fields", whole)
    return f"""---
license: agpl-3.0
pipeline_tag: image-text-to-text
---
# Folioscope's bundled model

Reads a page of a business document and answers prompts with text, box and probabilities, or with an explicit absence.
Trained from nothing on pages that the project renders. On {scores["pages"]} pages of layouts, fonts and values that it
never saw: {named["exact"]:.1%} of the named fields exact, {whole["exact"]:.1%} of everything asked that stands
there, and {whole["absent_answered"]:.1%} of what does not stand there answered all the same. `docs/model-card.md` has
the whole card, `docs/model.md` how it is built.

    import workers.vlm.bundled
    from transformers import AutoModelForImageTextToText, AutoProcessor

    processor = AutoProcessor.from_pretrained("workers/vlm/bundled")
    model = AutoModelForImageTextToText.from_pretrained("workers/vlm/bundled")
    inputs = processor(images=page, text=["invoice number", "What is the total?"])
    said = model.generate(**inputs, return_dict_in_generate=True)
    print(processor.batch_decode(said.sequences), said.boxes, said.probabilities)
"""


def main() -> None:
    """Write both cards."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scores", type=Path, default=Path("runs/scores.json"))
    parser.add_argument("--folder", type=Path, default=FOLDER)
    given = parser.parse_args()
    scores = json.loads(given.scores.read_text())
    (given.folder / "README.md").write_text(short_card(scores))
    if given.folder == FOLDER:
        CARD.write_text(put(CARD.read_text(), figures(scores)))


if __name__ == "__main__":
    main()
