"""Write the model card's figures from a scoring run: `python -m training.card --scores runs/scores.json`.

The card is `docs/model-card.md`; what stands between its two markers is replaced. A short one goes beside the weights.
"""

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.goals import AT_LEAST, FOREIGN, MEASURES, NAMES, reached_by
from training.measures import BINS
from workers.vlm.bundled.backend import FOLDER

CARD = Path("docs/model-card.md")
MARKERS = ("<!-- figures -->", "<!-- end of figures -->")
SIDES = {
    "kind": "asked by",
    "sort": "pages",
    "family": "document",
    "font": "value set in",
    "wording": "label's wording",
    "language": "language",
    "field": "field",
}
Figures = dict[str, Any]


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table in Markdown, with an empty line before it."""
    return ["", *(f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *rows))]


def goal_rows(goals: Sequence[Figures]) -> list[list[str]]:
    """Sorts of pages, and for each measure what was reached of which goal; in bold where the goal is met."""
    return [[goal["pages"], *(_goal(name, goal.get(name)) for name in MEASURES)] for goal in goals]


def _goal(name: str, measure: Figures | None) -> str:
    if measure is None:
        return ""
    digits = 1 if name in AT_LEAST else 2
    low, high = (f"{100 * end:.1f}" for end in measure["interval"])
    figure = f"{measure['reached']:.{digits}%}"
    shown = f"**{figure}**" if measure["met"] else figure
    aim = "" if measure["goal"] is None else f", goal {'≥' if name in AT_LEAST else '≤'} {measure['goal']:.0%}"
    return f"{shown} ({low} to {high}{aim})"


def row_of(name: str, group: Figures) -> list[str]:
    """One line of a table of prompts."""
    few, many = group["absent_interval"]
    low, high = group["exact_interval"]
    present, absent = ["0", "", "", ""], ["0", "", "", ""]
    if group["present"]:
        exact = f"{group['exact']:.3f} ({low:.2f} to {high:.2f})"
        present = [str(group["present"]), exact, f"{group['anls']:.3f}", f"{group['overlap']:.2f}"]
    if group["absent"]:
        answered = f"{group['absent_answered']:.3f} ({few:.2f} to {many:.2f})"
        nulls = f"{group['null_precision']:.3f}" if group["present"] else ""
        absent = [str(group["absent"]), answered, nulls, f"{group['null_recall']:.3f}"]
    return [name.replace("_", " "), *present, *absent]


PROMPT_HEADS = ("there", "exact", "ANLS", "IoU", "not there", "answered all the same", "null precision", "null recall")


def prompt_tables(tables: dict[str, dict[str, Figures]]) -> list[str]:
    """All tables of prompts: overall, then by each side."""
    lines = table(["", *PROMPT_HEADS], [row_of("everything", tables["all"]["all"])])
    for side, head in SIDES.items():
        rows = [(name, group) for name, group in tables.get(side, {}).items() if side != "kind" or group["present"]]
        if rows:
            lines += table([head, *PROMPT_HEADS], [row_of(name, group) for name, group in rows])
    return lines


def foreign_tables(tables: dict[str, dict[str, Figures]]) -> list[str]:
    """Pages of other programs: overall, by look, language and tool."""
    lines: list[str] = []
    for side, groups in tables.items():
        rows = []
        for name, group in groups.items():
            (low, high), (few, many) = group["exact_interval"], group["absent_interval"]
            exact, answered = f"{group['exact']:.3f} ({low:.2f} to {high:.2f})", f"{group['absent_answered']:.3f}"
            cells = [group["present"], exact, f"{group['anls']:.3f}", f"{group['box_half']:.3f}", group["absent"]]
            absent = f"{answered} ({few:.2f} to {many:.2f})" if group["absent"] else ""
            rows.append(["everything" if side == "all" else name, *map(str, cells), absent])
        heads = ("there", "exact", "ANLS", "IoU of right ones ≥ 0.5", "not there", "answered all the same")
        lines += table(["made by other programs" if side == "all" else side, *heads], rows)
    return lines


def spelling_table(spelling: dict[str, dict[str, Figures]]) -> list[str]:
    """Characters read wrong, by sort of page, face and language."""
    rows = []
    for groups in spelling.values():
        for name, group in groups.items():
            low, high = group["interval"]
            rate = f"{group['rate']:.2%} ({100 * low:.1f} to {100 * high:.1f})"
            rows.append(["everything" if name == "all" else name, str(group["characters"]), rate])
    return table(["on or in", "characters", "read wrong"], rows)


def reliability_table(steps: Sequence[tuple[int, float, float]]) -> list[str]:
    """Whether answers of a confidence are right as often as it says."""
    names = [f"{number / BINS:.1f} to {(number + 1) / BINS:.1f}" for number in range(BINS)]
    rows = [
        [name, str(count), f"{mean:.2f}", f"{share:.2f}"]
        for name, (count, mean, share) in zip(names, steps, strict=True)
        if count
    ]
    return table(["confidence", "answers", "mean confidence", "right"], rows)


def figures(scores: Figures, foreign: Figures | None = None) -> str:
    """All figures in Markdown; `foreign` are those of the pages of other programs."""
    whole = scores["tables"]["all"]["all"]
    goals = [*scores["goals"], *([reached_by(FOREIGN, foreign["tables"]["all"]["all"])] if foreign else [])]
    lines = [
        f"Weights `{scores['revision']}`, {whole['pages']} held-out pages. In brackets the 95 % interval: the wider of",
        "Wilson's and of a bootstrap over pages, as prompts of a page fail together. In bold: the goal is reached.",
        *table(["pages", *(NAMES[name] for name in MEASURES)], goal_rows(goals)),
        "",
        f"- Of a right and a wrong answer, the right one has the higher confidence in {whole['confidence_order']:.0%}.",
        f"- {whole['sure_share']:.0%} of all answers come with a confidence of 0.8 or more;",
        f"  {whole['sure_exact']:.1%} of those are right.",
        f"- Confidence is off by {whole['calibration_error']:.3f} on average (expected calibration error, ten steps).",
        *prompt_tables(scores["tables"]),
        *spelling_table(scores["spelling"]),
        *reliability_table(scores["reliability"]),
        *(foreign_tables(foreign["tables"]) if foreign else ()),
    ]
    return "\n".join(lines)


def put(text: str, between: str) -> str:
    """The card with new figures between its markers."""
    start, end = MARKERS
    return re.sub(f"{start}.*{end}", lambda _: f"{start}\n{between}\n{end}", text, flags=re.DOTALL)


def short_card(scores: Figures) -> str:
    """What lies beside the weights."""
    whole = scores["tables"]["all"]["all"]
    named = scores["tables"]["kind"].get("fields", whole)
    return f"""---
license: agpl-3.0
pipeline_tag: image-text-to-text
---
# Folioscope's bundled model

Reads a page of a business document and answers prompts with text, box and probabilities, or with an explicit absence.
Trained from nothing on pages that the project renders. On {whole["pages"]} pages of layouts, fonts and values that it
never saw, clean and degraded: {named["exact"]:.1%} of the named fields exact, {whole["exact"]:.1%} of everything asked
that stands there, and {whole["absent_answered"]:.1%} of what does not stand there answered all the same.
`docs/model-card.md` has the whole card, `docs/model.md` how it is built.

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
    parser.add_argument("--foreign", type=Path, help="figures of training.foreign.score, if there are any")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    given = parser.parse_args()
    scores = json.loads(given.scores.read_text())
    (given.folder / "README.md").write_text(short_card(scores))
    if given.folder.resolve() == FOLDER:
        foreign = json.loads(given.foreign.read_text()) if given.foreign else None
        CARD.write_text(put(CARD.read_text(), figures(scores, foreign)))


if __name__ == "__main__":
    main()
