"""Confidence means the share that is right: fitted on labelled values, never surer than they allow, never falling."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import TooLittleTruth
from core.records import FieldKind, LayerVerdict
from storage import calibrations
from storage.database import Sessions
from storage.tables import Workspace
from storage.workspaces import ensure_workspace
from tests.workers.conftest import Bench
from workers.calibrate import FEWEST, calibrate, merge_model_again
from workers.confidence import ABSENT, ANY, Calibrator, Labelled, TrustTable, packaged_table
from workers.fitting import fit
from workers.vlm.bundled.backend import FOLDER

CONFIDENCES = [0.0, 0.02, 0.3, 0.5, 0.77, 0.9, 0.99, 1.0]
LAYERS = [None, *LayerVerdict]


def overconfident(count: int, kind: FieldKind | None = FieldKind.TEXT, seed: int = 0) -> Iterator[Labelled]:
    """Values of which a share is right that is the square of what the model says."""
    dice = random.Random(seed)
    for _ in range(count):
        confidence = dice.random()
        yield Labelled(kind, confidence, dice.random() < confidence**2)


def meant(table: TrustTable, confidence: float, kind: FieldKind | None = FieldKind.TEXT, **evidence: object) -> float:
    told = {"verified": None, "layer": None} | evidence
    said = Calibrator(table).meant(kind, confidence, **told)  # type: ignore[arg-type]
    assert said is not None
    return said


@pytest.mark.parametrize("confidence", [0.3, 0.5, 0.7, 0.9])
def test_a_model_that_is_too_sure_is_told_as_often_right_as_it_is(confidence: float) -> None:
    assert meant(fit(list(overconfident(4_000))), confidence) == pytest.approx(confidence**2, abs=0.06)


def test_a_value_is_never_surely_right_or_surely_wrong_from_few() -> None:
    table = fit([Labelled(FieldKind.TEXT, 0.99, right=True)] * 30 + [Labelled(FieldKind.TEXT, 0.01, right=False)] * 30)
    assert 0.9 < meant(table, 1.0) < 0.98
    assert 0.0 < meant(table, 0.0) < 0.1


def test_a_kind_with_few_values_means_what_all_values_mean() -> None:
    table = fit([*overconfident(500), *(Labelled(FieldKind.IBAN, 0.5, right=True) for _ in range(19))])
    assert set(table.curves) == {ANY, FieldKind.TEXT.value}
    assert meant(table, 0.6, FieldKind.IBAN) == table.curves[ANY].at(0.6)


def test_kinds_that_are_read_better_are_trusted_more() -> None:
    dates = [Labelled(FieldKind.DATE, value.confidence, right=True) for value in overconfident(200, seed=1)]
    table = fit([*overconfident(500), *dates])
    assert meant(table, 0.5, FieldKind.DATE) > meant(table, 0.5, FieldKind.TEXT) + 0.3


def test_what_came_back_is_surer_than_what_was_not_read_again_and_that_than_what_did_not() -> None:
    dice = random.Random(3)
    values = []
    for _ in range(2_000):
        confidence, right = dice.random(), dice.random() < 0.7
        back = None if dice.random() < 0.3 else (dice.random() < (0.95 if right else 0.2))
        layer = None if dice.random() < 0.5 else (LayerVerdict.AGREES if right else LayerVerdict.CLASHES)
        values.append(Labelled(FieldKind.TEXT, confidence, right, back, layer))
    table = fit(values)
    said = [meant(table, 0.5, verified=verified) for verified in (False, None, True)]
    assert said == sorted(said)
    assert said[2] > said[0] + 0.2
    assert meant(table, 0.5, layer=LayerVerdict.AGREES) > meant(table, 0.5, layer=LayerVerdict.CLASHES) + 0.2


def test_absence_has_a_curve_of_its_own_and_without_one_is_not_calibrated() -> None:
    values = list(overconfident(200))
    assert Calibrator(fit(values)).meant(None, 0.9, verified=None, layer=None) is None
    table = fit([*values, *(Labelled(None, 0.9, n % 4 > 0) for n in range(40))])
    assert meant(table, 0.9, None) == pytest.approx(0.75, abs=0.03)
    assert table.curves[ABSENT].values == 40


labelled = st.builds(
    Labelled,
    st.sampled_from([None, FieldKind.TEXT, FieldKind.DATE]),
    st.floats(0, 1),
    st.booleans(),
    st.sampled_from([None, True, False]),
    st.sampled_from(LAYERS),
)


@settings(max_examples=40)
@given(st.lists(labelled, max_size=80))
def test_more_confidence_or_more_evidence_never_means_less(values: list[Labelled]) -> None:
    table = fit(values)
    for kind in (None, FieldKind.TEXT, FieldKind.DATE):
        said = [Calibrator(table).meant(kind, c, verified=None, layer=None) for c in CONFIDENCES]
        known = [share for share in said if share is not None]
        assert known == sorted(known)
        assert all(0 < share < 1 for share in known)
    if ANY in table.curves:
        backs = [meant(table, 0.6, verified=v, layer=LayerVerdict.AGREES) for v in (False, None, True)]
        layers = [meant(table, 0.6, layer=v) for v in (LayerVerdict.CLASHES, None, LayerVerdict.AGREES)]
        assert (backs, layers) == (sorted(backs), sorted(layers))


@settings(max_examples=20)
@given(st.lists(labelled, max_size=60))
def test_a_table_survives_its_packaged_form(values: list[Labelled]) -> None:
    table = fit(values)
    assert TrustTable.from_plain(table.as_plain()) == table


def test_the_packaged_table_belongs_to_the_packaged_weights_and_knows_absence() -> None:
    table = packaged_table("bundled")
    assert table is not None, f"fit {FOLDER / 'calibration.json'} again: python -m training.fit_confidence"
    assert {ANY, ABSENT} <= set(table.curves)
    assert packaged_table("another") is None


def test_a_workspace_s_own_calibration_goes_before_and_stays_within_its_walls(
    sessions: Sessions, workspace: Workspace
) -> None:
    with sessions.begin() as session:
        other = ensure_workspace(session, "other").id
        calibrate(session, workspace.id, "some", list(overconfident(FEWEST)))
        calibrate(session, workspace.id, "bundled", [Labelled(FieldKind.TEXT, 0.9, right=False)] * FEWEST)
    with sessions() as session:
        assert Calibrator.of(session, other, "some") is None
        assert Calibrator.of(session, workspace.id, None) is None
        mine, theirs = (Calibrator.of(session, one, "bundled") for one in (workspace.id, other))
        assert mine is not None
        assert meant(mine.table, 0.9) < 0.1
        assert theirs is not None
        assert theirs.table is packaged_table("bundled")


def test_what_a_workspace_has_too_few_values_of_is_told_by_the_packaged_curves(
    sessions: Sessions, workspace: Workspace
) -> None:
    packaged = packaged_table("bundled")
    assert packaged is not None
    wrong = [Labelled(kind, 0.9, right=False) for kind in (FieldKind.TEXT, FieldKind.NUMBER) for _ in range(FEWEST)]
    with sessions.begin() as session:
        calibrate(session, workspace.id, "bundled", [*wrong, Labelled(None, 0.9, right=False)])
        told = Calibrator.of(session, workspace.id, "bundled")
    assert told is not None

    def share(kind: FieldKind | None) -> float | None:
        return told.meant(kind, 0.9, verified=True, layer=LayerVerdict.AGREES)

    for kind in (None, FieldKind.MONEY, FieldKind.DATE):
        assert share(kind) == Calibrator(packaged).meant(kind, 0.9, verified=True, layer=LayerVerdict.AGREES)
    assert FieldKind.COUNTRY.value not in packaged.curves
    for kind in (FieldKind.TEXT, FieldKind.NUMBER, FieldKind.COUNTRY):
        assert (share(kind) or 1.0) < 0.1
    absences = [Labelled(None, 0.9, right=False)] * 20
    with sessions.begin() as session:
        calibrate(session, workspace.id, "bundled", [*wrong, *absences])
        own = Calibrator.of(session, workspace.id, "bundled")
    assert own is not None
    assert (own.meant(None, 0.9, verified=None, layer=None) or 1.0) < 0.1


def test_fitting_again_leaves_nothing_of_the_table_before(sessions: Sessions, workspace: Workspace) -> None:
    with sessions.begin() as session:
        calibrate(session, workspace.id, "some", list(overconfident(FEWEST, FieldKind.DATE)))
        calibrate(session, workspace.id, "some", list(overconfident(FEWEST, FieldKind.IBAN)))
    with sessions.begin() as session:
        assert {row.kind for row in calibrations.of_workspace(session, workspace.id)} == {ANY, "iban"}
        assert calibrations.forget(session, workspace.id, "some")
        assert not calibrations.forget(session, workspace.id, "some")


def test_too_little_truth_is_refused_and_the_table_before_stays(sessions: Sessions, workspace: Workspace) -> None:
    with sessions.begin() as session:
        calibrate(session, workspace.id, "some", list(overconfident(FEWEST)))
    with pytest.raises(TooLittleTruth, match=f"at least {FEWEST} values"), sessions.begin() as session:
        calibrate(session, workspace.id, "some", list(overconfident(FEWEST - 1)))
    with sessions() as session:
        assert calibrations.of_model(session, workspace.id, "some")


def test_records_say_what_the_calibration_says_and_decide_by_it(bench: Bench) -> None:
    schema, document = bench.schema(total="total amount"), bench.document(1)
    bench.extract(schema, document)
    bench.run()
    before = bench.record(document, schema)
    assert before is not None
    assert before.values["total"]["confidence"] == before.values["total"]["model_confidence"]
    with bench.sessions.begin() as session:
        values = [Labelled(FieldKind.TEXT, c / 60, right=c % 2 > 0) for c in range(60)]
        table = calibrate(session, bench.workspace_id, "scripted", values)
    assert merge_model_again(bench.sessions, bench.workspace_id, "another") == 0
    assert merge_model_again(bench.sessions, bench.workspace_id, "scripted") == 1
    after = bench.record(document, schema)
    assert after is not None
    said = after.values["total"]
    assert said["model_confidence"] == before.values["total"]["model_confidence"]
    assert said["confidence"] == meant(table, said["model_confidence"])
