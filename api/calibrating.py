"""What the client does about calibrations: which there are, a new one, and away with one."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from urllib.parse import quote

import httpx

from api.connection import Connection
from api.results import made_from
from core.records import FieldKind, LayerVerdict

_PATIENCE = httpx.Timeout(3_600.0, connect=5.0)  # all records of the model are made anew before the answer comes


@dataclass(frozen=True, slots=True)
class Labelled:
    """A value as a record has it, and whether it is right. `kind` None: the record says that the field is absent."""

    kind: FieldKind | None
    confidence: float  # as the model said it
    right: bool
    verified: bool | None = None
    layer: LayerVerdict | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """What confidence means for a kind of field: straight lines between points."""

    values: int
    said: tuple[float, ...]
    meant: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a model's confidence means in a workspace."""

    model: str
    evidence: dict[str, float]
    curves: dict[str, Curve]
    created_at: datetime
    packaged: tuple[str, ...] = ()  # kinds of which the curves go on to tell that the model came with
    records: int | None = None  # of a new one: those that were made anew by it


class Calibrating(Connection):
    """The part of the client that is about calibrations."""

    def calibrations(self) -> list[Calibration]:
        """This workspace's own, by model."""
        return [made_from(Calibration, one) for one in self._get("/v1/calibrations")["items"]]

    def calibrate(self, model: str, values: Iterable[Labelled]) -> Calibration:
        """Fit what a model's confidence means, in place of what was fitted before; its records are made anew by it.

        Raises TooLittleTruth.
        """
        body = {"model": model, "values": [asdict(value) for value in values]}
        return made_from(Calibration, self._request("POST", "/v1/calibrations", json=body, timeout=_PATIENCE).json())

    def forget_calibration(self, model: str) -> None:
        """Let the model's confidence mean again what it came with. Raises CalibrationNotFound."""
        self._request("DELETE", f"/v1/calibrations/{quote(model, safe='')}", timeout=_PATIENCE)
