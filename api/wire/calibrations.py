"""Calibrations on the wire: values that are known to be right or wrong, and what confidence means by them."""

from datetime import datetime

from pydantic import ConfigDict, Field

from api.wire.parts import A_MOMENT, In, Out, Text
from core.records import FieldKind, LayerVerdict

MOST_VALUES = 50_000


class LabelledIn(In):
    """A value as a record has it, and whether it is right."""

    kind: FieldKind | None = Field(examples=["money"], description="Null: the record says that the field is absent.")
    confidence: float = Field(ge=0, le=1, examples=[0.88], description="The value's `model_confidence`.")
    right: bool = Field(examples=[True])
    verified: bool | None = Field(None, examples=[True])
    layer: LayerVerdict | None = Field(None, examples=["agrees"])


class CalibrationIn(In):
    """What to fit a model's calibration on."""

    model: Text = Field(max_length=500, examples=["bundled"], description="As records name it.")
    values: list[LabelledIn] = Field(max_length=MOST_VALUES)


class CurveOut(Out):
    """What confidence means for a kind of field: straight lines between points."""

    values: int = Field(examples=[240], description="That it was fitted on.")
    said: list[float] = Field(examples=[[0.2, 0.7, 0.98]], description="Confidence with its evidence, rising.")
    meant: list[float] = Field(examples=[[0.1, 0.8, 0.99]], description="The share that is right at each.")


class CalibrationOut(Out):
    """What a model's confidence means in this workspace."""

    model_config = ConfigDict(frozen=True)

    model: str = Field(examples=["bundled"])
    evidence: dict[str, float] = Field(
        examples=[{"verified": 0.9, "unverified": -1.6}], description="What each adds to the log odds of confidence."
    )
    curves: dict[str, CurveOut] = Field(
        description="By kind of field; `any`: of kinds that have none; `absent`: of fields that are said to be absent."
    )
    packaged: list[str] = Field(
        examples=[["absent", "iban"]],
        description="Kinds of which too few values are known here: of these the model's own curves go on to tell.",
    )
    created_at: datetime = Field(examples=[A_MOMENT])


class CalibratedOut(CalibrationOut):
    """A new calibration."""

    records: int = Field(examples=[120], description="Records of the model that were made anew by it.")


class CalibrationsOut(Out):
    """All calibrations of the workspace, by model."""

    items: list[CalibrationOut]
