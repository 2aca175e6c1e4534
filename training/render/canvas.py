"""A page in the making: text is set, facts are noted, and the finished page is checked for collisions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from training.render.area import Area
from training.render.concepts import CONCEPTS, meaning, missing_concepts, near, wordings
from training.render.fields import FIELDS, Field, prompts_for, texts
from training.render.fonts import Face, Fonts
from training.render.languages import data, phrases, unseen
from training.render.page import CHARSET, ENGLISH, Absent, Fact, Grid, Ink, Page, Run, Shape, Span, Split
from training.render.style import Style
from training.render.values import Values

ALLOWED = frozenset(CHARSET)
EDGE = 4.0  # points that stay free at the paper's edge


class Collision(Exception):
    """Two runs of a page overlap, or one leaves the paper or its character set: the page is composed anew."""


@dataclass(slots=True)
class Canvas:
    """What the blocks of a page write on."""

    dice: Random
    split: Split
    style: Style
    values: Values
    width: float
    height: float
    family: str
    fonts: Fonts
    language: str = ENGLISH
    runs: list[Run] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    tables: list[Grid] = field(default_factory=list)
    present: set[str] = field(default_factory=set)  # fields that stand on the page, asked or not
    meant: set[str] = field(default_factory=set)  # concepts that stand on the page, or were chosen for it
    labels: set[str] = field(default_factory=set)  # printed labels, lower case
    variants: list[str] = field(default_factory=list)
    house: str = ""  # the name of who issues the page, where it is printed
    foot: float | None = None  # where the foot of the page begins, if it is higher than the margin

    @property
    def left(self) -> float:
        """The left margin."""
        return self.style.margin

    @property
    def right(self) -> float:
        """The right margin."""
        return self.width - self.style.margin

    @property
    def bottom(self) -> float:
        """Where a block must end."""
        return self.height - self.style.margin if self.foot is None else self.foot

    def across(self, y: float) -> Area:
        """The whole width between the margins, from a height on."""
        return Area(self.left, y, self.right - self.left)

    def variant(self, block: str, names: Sequence[str], weights: Sequence[float] | None = None) -> str:
        """Choose how a block is laid out. Names that end in an asterisk are held out of training."""
        heavy = list(weights or [1.0] * len(names))
        if self.split is Split.TRAIN:
            heavy = [0.0 if name.endswith("*") else weight for name, weight in zip(names, heavy, strict=True)]
        name = self.dice.choices(names, heavy)[0]
        self.variants.append(f"{block}.{name}")
        return name.rstrip("*")

    def text(  # a typesetter's line has these many sides
        self,
        text: str,
        x: float,
        baseline: float,
        face: Face,
        size: float,
        *,
        align: str = "left",
        ink: Ink | None = None,
        within: float | None = None,
    ) -> int:
        """Set one line and give its run's number; `x` is left, right or middle by `align`; shrunk to `within`."""
        if not text or not ALLOWED.issuperset(text) or not face.has(text):
            raise Collision(text)
        width = face.width(text, size)
        if within is not None and width > within:
            size *= max(within / width, 0.72)
            width = face.width(text, size)
            if width > within + 0.01:
                raise Collision(text)
        x -= {"left": 0.0, "right": width, "middle": width / 2}[align]
        edges, pen = [], x
        for character in text:
            pen += face.advance(character) * size
            edges.append(pen)
        ascent, descent = face.heights(size)
        self.runs.append(
            Run(
                text, x, baseline, tuple(edges), face.key, size, self.style.ink if ink is None else ink, ascent, descent
            )
        )
        return len(self.runs) - 1

    def say(self, name: str) -> str:
        """One of the phrases of a list, in the page's language."""
        return self.dice.choice(self.phrases(name))

    def phrases(self, name: str) -> tuple[str, ...]:
        """A list of phrases in the page's language."""
        return phrases(self.language, name, self.split)

    def paper(self) -> tuple[str, str, str]:
        """Another business paper than an invoice: its title, and the labels of its number and its date."""
        papers: list[tuple[str, str, str]] = data(self.language)["papers"]
        seen = [texts for texts in papers if self.split is Split.HELD_OUT or not any(map(unseen, texts[1:]))]
        title, number, date = self.dice.choice(seen)
        return title, number, date

    def fact(self, name: str, run: int, value: str | None = None, label: str = "") -> None:
        """Note that a field's value is this run, or the part of it that reads `value`; `label` is printed beside it."""
        self.present.add(name)
        prompts = prompts_for(FIELDS[name], self.split, self.dice, self.language)
        printed = (label,) if label and label not in data(self.language)["vague"] else ()
        self._note(name, (*prompts, *printed), run, value, label)

    def asked(self, kind: str, prompts: tuple[str, ...], run: int, value: str | None = None, label: str = "") -> None:
        """Note a fact that is asked by what is printed, a label or a table cell; or by its meaning, if it is known."""
        concept = meaning(label, self.language) if kind == "label" and label else None
        if concept is None:
            self._note(kind, prompts, run, value, label)
            return
        if any(fact.field == concept.name for fact in self.facts):
            raise Collision(concept.name)
        self.meant.add(concept.name)
        printed = (prompts[0], self.dice.choice(prompts))
        self._note(
            concept.name, tuple(wordings(concept, self.split, self.dice, self.language, printed)), run, value, label
        )

    def _note(self, name: str, prompts: tuple[str, ...], run: int, value: str | None, label: str) -> None:
        text = self.runs[run].text
        value = text if value is None else value
        start = text.rindex(value)
        new = self.split is Split.HELD_OUT and any(unseen(one) for one in (label, prompts[0]) if one)
        self.facts.append(Fact(name, prompts, value, Span(run, start, start + len(value)), new))

    def finish(self, absent: Sequence[Field], strange: Sequence[str] = ()) -> Page:
        """The page, checked; `absent` are fields that may be asked and are not there, `strange` such printed labels."""
        _check(self.runs, self.width, self.height)
        taken = self.labels | {prompt.lower() for fact in self.facts for prompt in fact.prompts}
        shut = near(self.meant & CONCEPTS.keys()) | self.present
        clear = [f for f in absent if f.name not in shut and taken.isdisjoint(texts(f, self.language))]
        missing = [Absent(f.name, prompts_for(f, self.split, self.dice, self.language)) for f in clear]
        missing += [
            Absent("label", (label, f"What is the {label.lower()}?")) for label in strange if label.lower() not in taken
        ]
        text = " | ".join((*(run.text for run in self.runs), *taken))
        there = (self.present - {"first_name", "last_name"}) | self.meant | {fact.field for fact in self.facts}
        missing += missing_concepts(self.dice, self.split, self.language, there, text)
        layout = "+".join(sorted(set(self.variants)))
        return Page(
            self.width,
            self.height,
            tuple(self.runs),
            tuple(self.shapes),
            tuple(self.facts),
            tuple(missing),
            self.family,
            layout,
            self.language,
            tuple(self.tables),
        )


def _check(runs: Sequence[Run], width: float, height: float) -> None:
    """Raise Collision where runs overlap or leave the paper."""
    boxes = sorted(
        (run.baseline - 0.75 * run.ascent, run.baseline + 0.6 * run.descent, run.x, run.right) for run in runs
    )
    for index, (top, bottom, x0, x1) in enumerate(boxes):
        if top < EDGE or bottom > height - EDGE or x0 < EDGE or x1 > width - EDGE:
            raise Collision("off the page")
        for top2, _, x2, x3 in boxes[index + 1 :]:
            if top2 >= bottom:
                break
            if x2 < x1 and x0 < x3:
                raise Collision("overlap")
