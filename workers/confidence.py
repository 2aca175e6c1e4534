"""What a model's confidence means: the share of values like this one that is right, from labelled documents.

Evidence shifts the model's confidence first, on the scale of log odds: whether the value came back when its box was
read alone, and what the page's text layer says of it. A curve that never falls then tells the share; each kind of
field has its own where enough was labelled. Nothing heavy is imported here, for the API merges records, too;
`workers.fitting` makes the tables.
"""

import importlib.resources
import json
import math
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Self

from core.records import FieldKind, LayerVerdict
from storage import calibrations
from storage.database import Session

ANY, ABSENT = "any", "absent"  # curves of no kind: of values of every kind, and of fields that are not there
VERIFIED, UNVERIFIED = "verified", "unverified"
EVIDENCE = (VERIFIED, UNVERIFIED, *(verdict.value for verdict in LayerVerdict))
_SUREST = 1e-6  # nearer to 0 or 1 no confidence is told apart

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A value, or that a field is absent, as a model said it, and whether that is right."""

    kind: FieldKind | None  # None: an absent field
    confidence: float
    right: bool
    verified: bool | None = None
    layer: LayerVerdict | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """Scores, rising, and the share that is right at each, never falling; straight lines between, flat beyond."""

    said: tuple[float, ...]
    meant: tuple[float, ...]
    values: int  # that it was fitted on

    def at(self, score: float) -> float:
        """The share that is right at a score."""
        above = bisect_right(self.said, score)
        if above in {0, len(self.said)}:
            return self.meant[0 if above == 0 else -1]
        low, high = self.said[above - 1 : above + 1]
        share = (score - low) / (high - low)
        return self.meant[above - 1] + share * (self.meant[above] - self.meant[above - 1])


@dataclass(frozen=True, slots=True)
class TrustTable:
    """How evidence counts, and a curve for each kind: a FieldKind's value, `any`, or `absent`."""

    curves: Mapping[str, Curve]
    evidence: Mapping[str, float] = field(default_factory=dict)  # added to the log odds; never against its sense

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """From the form in which a packaged table is kept."""
        curves = {
            kind: Curve(tuple(curve["said"]), tuple(curve["meant"]), int(curve["values"]))
            for kind, curve in plain["curves"].items()
        }
        return cls(curves, dict(plain["evidence"]))

    def as_plain(self) -> Json:
        """The form in which a packaged table is kept."""
        curves = {
            kind: {"values": c.values, "said": list(c.said), "meant": list(c.meant)} for kind, c in self.curves.items()
        }
        return {"evidence": dict(self.evidence), "curves": curves}


@dataclass(frozen=True, slots=True)
class Calibrator:
    """Tells what confidence means, by a table, and by another where that one has no curve for a kind.

    A curve of the kind itself goes before one of all kinds, whichever table it stands in: what texts taught about a
    model tells less of its dates than dates on other documents do. A curve is read with its own table's evidence.
    """

    table: TrustTable
    behind: TrustTable | None = None

    @classmethod
    def of(cls, session: Session, workspace_id: str, model: str | None) -> Self | None:
        """By the workspace's own table of a model before the one that the model comes with; None without any."""
        if model is None:
            return None
        own, packaged = own_table(session, workspace_id, model), packaged_table(model)
        tables = [table for table in (own, packaged) if table is not None]
        return cls(*tables) if tables else None

    def table_of(self, kind: str) -> tuple[TrustTable, Curve] | None:
        """The curve that tells of a kind of value, or of ABSENT, in its table; None where none does."""
        tables = [self.table] if self.behind is None else [self.table, self.behind]
        for name in (kind,) if kind == ABSENT else (kind, ANY):
            for table in tables:
                if name in table.curves:
                    return table, table.curves[name]
        return None

    def meant(
        self, kind: FieldKind | None, confidence: float, *, verified: bool | None, layer: LayerVerdict | None
    ) -> float | None:
        """The share of such values that is right; of a field that is absent with kind None. None where not known."""
        told = self.table_of(ABSENT if kind is None else kind.value)
        if told is None:
            return None
        table, curve = told
        shift = sum(table.evidence.get(name, 0.0) for name in evidence_of(verified=verified, layer=layer))
        return curve.at(score_of(confidence, shift))

    def of_answer(self, confidence: float) -> float | None:
        """The share of answers to questions that is right: they are texts of any kind, and nothing was held against."""
        return self.meant(FieldKind.TEXT, confidence, verified=None, layer=None)


def evidence_of(*, verified: bool | None, layer: LayerVerdict | None) -> list[str]:
    """The names of what speaks for a value, or against it."""
    checked = [] if verified is None else [VERIFIED if verified else UNVERIFIED]
    return checked + ([] if layer is None else [layer.value])


def score_of(confidence: float, shift: float) -> float:
    """Confidence with its evidence, 0..1: what curves begin from."""
    return 1 / (1 + math.exp(-log_odds(confidence) - shift))


def log_odds(confidence: float) -> float:
    """Confidence on a scale that has no ends."""
    held = min(max(confidence, _SUREST), 1 - _SUREST)
    return math.log(held / (1 - held))


def own_table(session: Session, workspace_id: str, model: str) -> TrustTable | None:
    """The table that a workspace has fitted for a model."""
    rows = calibrations.of_model(session, workspace_id, model)
    if not rows:
        return None
    curves = {row.kind: Curve(tuple(row.said), tuple(row.meant), row.values_seen) for row in rows}
    return TrustTable(curves, dict(rows[0].evidence))


@cache
def packaged_table(model: str) -> TrustTable | None:
    """The table that a model comes with; None where it has none, or where that was fitted on other weights.

    Read as files: importing the bundled model would import torch.
    """
    if model != "bundled":
        return None
    folder = importlib.resources.files("workers") / "vlm" / "bundled"
    try:
        plain = json.loads((folder / "calibration.json").read_text())
        sums = (folder / "SHA256SUMS").read_text()
    except FileNotFoundError:
        return None
    return TrustTable.from_plain(plain) if sums.startswith(plain["revision"]) else None


def still_packaged(own: Collection[str], model: str) -> list[str]:
    """The kinds, and ABSENT, of which the model's own packaged curves tell beside a workspace's `own` ones."""
    packaged = packaged_table(model)
    return [] if packaged is None else [kind for kind in sorted(packaged.curves) if kind not in {ANY, *own}]


def rows_of(table: TrustTable) -> Sequence[calibrations.NewCurve]:
    """A table as rows."""
    evidence = dict(table.evidence)
    return [
        calibrations.NewCurve(kind, list(curve.said), list(curve.meant), evidence, curve.values)
        for kind, curve in sorted(table.curves.items())
    ]
