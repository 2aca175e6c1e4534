import json
from pathlib import Path
from typing import Any

import pytest

from api.measures import bootstrap, calibration_error, risks, wilson
from api.results import Value
from api.scores import Outcome, Place, anls, is_exact, shares
from core.records import Box, Decision, FieldKind, ValueState
from tests.api.commands.conftest import Live, Machine

pytestmark = pytest.mark.timeout(180)

TRUTH: list[dict[str, Any]] = [
    {
        "file": "sub/one.png",
        "fields": {"total": "$ 12.00", "vendor_name": "ACME  Ltd", "due_date": "1 May"},
        "absent": ["iban", "tax"],
        "qa": [["What is the total?", "12 Dollars"]],
    },
    {"file": "two.png", "fields": {"Policy No.": "policy no 22", "policy_no": "other"}, "absent": []},
    {"file": "missing.png", "fields": {"total": "1.00"}, "absent": ["tax"], "qa": [["Why?", "Because"]]},
]


@pytest.fixture
def docs(live: Live, tmp_path: Path) -> Path:
    """A folder with two pages, and their truth beside it, which also names a file that is not there."""
    folder = tmp_path / "docs"
    (folder / "sub").mkdir(parents=True)
    live.picture("one.png", 21).rename(folder / "sub" / "one.png")
    live.picture("two.png", 22).rename(folder / "two.png")
    (tmp_path / "truth.jsonl").write_text("".join(json.dumps(line) + "\n" for line in TRUTH))
    return folder


def evaluated(live: Live, docs: Path) -> tuple[dict[str, Any], str]:
    done = live.machine.run("evaluate", str(docs), "--truth", str(docs.parent / "truth.jsonl"), "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def test_white_space_and_case_do_not_count() -> None:
    assert is_exact(" acme\n LTD ", "Acme Ltd")
    assert not is_exact("acmeltd", "Acme Ltd")
    assert not is_exact(None, "")


@pytest.mark.parametrize(
    ("said", "truth", "similar"),
    [("Acme Ltd", "acme ltd", 1.0), ("Acme Ltb", "Acme Ltd", 0.875), ("abc", "abcdef", 0.5), ("abcd", "wxyz", 0.0)],
)
def test_anls_is_one_minus_edits_over_length_and_nothing_under_one_half(said: str, truth: str, similar: float) -> None:
    assert anls(said, truth) == similar
    assert anls(None, truth) == 0


def test_texts_that_mean_the_same_under_their_kind_are_exact() -> None:
    assert is_exact("1.204,00 EUR", "EUR 1204.00", FieldKind.MONEY)
    assert not is_exact("1.204,00 EUR", "EUR 1204.00")


def test_shares_of_nothing_are_none_and_not_zero() -> None:
    figures = shares([Outcome("iban", None, None)])
    assert (figures["values_on_absent"], figures["fields"], figures["absent"], figures["values"]) == (0.0, 0, 1, 0)
    for name in ("exact_match", "anls", "precision", "recall", "f1", "ece", "box_hit_rate", "accepted"):
        assert figures[name] is None
    assert figures["risk_at_coverage"]["1.0"] is None
    assert figures["intervals"]["exact_match"] is None


def _said(raw: str, confidence: float, box: Box | None = None, page: int = 1) -> Value:
    return Value(ValueState.FOUND, raw, confidence, page, box)


def test_precision_counts_all_that_was_said_and_recall_all_that_is_there() -> None:
    rows = [
        Outcome("a", "1", "1", _said("1", 0.9), file="x"),
        Outcome("a", "2", None, file="y"),
        Outcome("a", "3", "4", _said("4", 0.6), file="y"),
        Outcome("b", None, "5", _said("5", 0.3), file="z"),
    ]
    figures = shares(rows, 1.5)
    assert (figures["precision"], figures["recall"], figures["f1"]) == (
        round(1 / 3, 4),
        round(1 / 3, 4),
        round(1 / 3, 4),
    )
    assert (figures["values_on_absent"], figures["seconds_per_page"]) == (1.0, 1.5)
    assert figures["ece"] == round((0.1 + 0.6 + 0.3) / 3, 4)
    assert (figures["risk_at_coverage"]["0.5"], figures["risk_at_coverage"]["1.0"]) == (0.5, round(2 / 3, 4))
    for ends, share in (
        (figures["intervals"]["precision"], 1 / 3),
        (figures["intervals"]["risk_at_coverage"]["0.5"], 1 / 2),
        (figures["intervals"]["risk_at_coverage"]["1.0"], 2 / 3),
    ):
        assert ends[0] < share < ends[1]


def test_what_a_target_accepts_is_told_with_its_coverage_its_risk_and_the_intervals_of_both() -> None:
    values = [
        Value(ValueState.FOUND, "1", 0.99, 1, None, decision=Decision.ACCEPTED),
        Value(ValueState.FOUND, "2", 0.98, 1, None, decision=Decision.ACCEPTED),
        Value(ValueState.FOUND, "3", 0.4, 1, None, decision=Decision.NEEDS_REVIEW),
    ]
    rows = [Outcome("a", truth, value.raw, value) for truth, value in zip(("1", "x", "x"), values, strict=True)]
    accepted = shares(rows)["accepted"]
    assert (accepted["coverage"], accepted["wrong"], accepted["values"]) == (round(2 / 3, 4), 0.5, 2)
    assert accepted["coverage_interval"][0] < 2 / 3 < accepted["coverage_interval"][1]
    assert accepted["wrong_interval"][0] < 1 / 2 < accepted["wrong_interval"][1]


def test_a_box_hits_where_it_covers_half_of_both_on_the_right_page() -> None:
    place = Place(Box(0.1, 0.1, 0.3, 0.2), 2)
    boxes = [(Box(0.1, 0.1, 0.3, 0.21), 2), (Box(0.1, 0.1, 0.3, 0.2), 1), (Box(0.5, 0.5, 0.6, 0.6), 2), (None, 2)]
    rows = [Outcome("a", "1", "1", _said("1", 0.9, box, page), place) for box, page in boxes]
    assert [row.hit for row in rows] == [True, False, False, False]
    assert Outcome("a", "1", "1", _said("1", 0.9)).hit is None
    assert shares(rows)["box_hit_rate"] == 0.25


def test_intervals_hold_their_share_and_narrow_with_more() -> None:
    few, many = wilson(9, 10), wilson(900, 1000)
    assert few is not None
    assert many is not None
    assert few[0] < many[0] < 0.9 < many[1] < few[1]
    assert wilson(0, 0) is None
    by_document = bootstrap([(1.0, 2.0), (2.0, 2.0), (0.0, 2.0)], lambda sums: sums[0] / sums[1])
    assert by_document is not None
    assert by_document[0] < 0.5 < by_document[1]
    assert bootstrap([(1.0, 2.0)], lambda sums: sums[0] / sums[1]) is None


def test_confidence_that_says_what_is_right_has_no_calibration_error() -> None:
    assert calibration_error([(0.75, n % 4 > 0) for n in range(40)]) == pytest.approx(0)
    assert calibration_error([(0.95, False)] * 10) == pytest.approx(0.95)
    assert risks([(0.9, True), (0.1, False)])["0.5"] == 0


def test_without_a_schema_evaluate_measures_the_fields_that_the_truth_names(live: Live, docs: Path) -> None:
    report, _ = evaluated(live, docs)
    assert (
        report["overall"].items()
        >= {
            "exact_match": round(2 / 6, 4),  # total of one.png, Policy No. of two.png
            "anls": round((1 + 7 / 8 + 1) / 6, 4),
            "values_on_absent": round(1 / 3, 4),  # the iban
            "precision": 0.4,
            "fields": 6,
            "absent": 3,
        }.items()
    )
    assert report["overall"]["seconds_per_page"] > 0
    assert (report["models"], report["text_layer"], report["without_text_layer"]) == (["scripted"], True, None)
    assert report["fields"]["total"]["exact_match"] == 0.5
    assert report["fields"]["Policy No."]["exact_match"] == 1.0
    assert (
        report["fields"]["iban"].items()
        >= {
            "exact_match": None,
            "values_on_absent": 1.0,
            "fields": 0,
            "absent": 1,
        }.items()
    )
    assert report["qa"] == {"exact_match": 0.5, "anls": 0.5, "questions": 2}


def test_a_file_that_is_missing_is_named_and_counts_as_wrong(live: Live, docs: Path) -> None:
    report, noted = evaluated(live, docs)
    assert [(error["file"], error["code"]) for error in report["errors"]] == [("missing.png", "unreadable-file")]
    assert "not read, counted as wrong: missing.png: The file cannot be read" in noted
    assert report["files"]["missing.png"]["exact_match"] == 0.0


def test_evaluate_leaves_nothing_behind_and_touches_nothing_that_was_there(live: Live, docs: Path) -> None:
    kept = live.picture("kept.png", 22)
    live.machine.run("upload", str(kept))
    with live.client() as folioscope:

        def all_there_is() -> list[object]:
            records = [list(folioscope.records(schema.name)) for schema in folioscope.schemas()]
            return [list(folioscope.documents()), folioscope.schemas(), [job.id for job in folioscope.jobs()], records]

        before = all_there_is()
        evaluated(live, docs)
        assert all_there_is() == before


def test_a_schema_and_a_model_can_be_named_and_the_text_layer_left_aside(live: Live, docs: Path) -> None:
    (docs.parent / "truth.jsonl").write_text(json.dumps(TRUTH[0] | {"qa": []}) + "\n")
    words = ("evaluate", str(docs), "--truth", str(docs.parent / "truth.jsonl"), "--json", "--no-text-layer")
    done = live.machine.run(*words, "--schema", "invoice")
    report = json.loads(done.stdout)
    assert report["overall"]["exact_match"] == round(1 / 3, 4)
    assert (report["text_layer"], report["without_text_layer"]) == (False, None)
    done = live.machine.run(*words, "--schema", "receipt")
    assert "fields that the schema receipt has not: vendor_name, due_date, iban" in done.stderr
    assert "unknown-model" in live.machine.run(*words, "--model", "nobody's").stderr


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (
            {"schema": "invoice", "fields": {"vendor_nam": "ACME"}},
            "the schema invoice has not: vendor_nam; did you mean vendor_name?",
        ),
        ({"schema": "invoice", "fields": {}, "absent": ["line_items[3].amont"]}, "did you mean line_items[3].amount?"),
        ({"schema": "invoce", "fields": {"total": "1"}}, "a schema that is not there: invoce; did you mean invoice?"),
    ],
)
def test_a_name_that_a_line_s_own_schema_has_not_is_refused_with_the_line_and_the_nearest_name(
    live: Live, docs: Path, names: dict[str, Any], says: str
) -> None:
    lines = [TRUTH[0] | {"schema": "invoice", "qa": []}, {"file": "two.png"} | names]
    (docs.parent / "truth.jsonl").write_text("\n\n".join(json.dumps(line) for line in lines))
    done = live.machine.run("evaluate", str(docs), "--truth", str(docs.parent / "truth.jsonl"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "The truth of two.png (line 3) names" in done.stderr
    assert says in done.stderr


def test_a_share_that_was_asked_for_and_is_missed_is_exit_code_5(live: Live, docs: Path) -> None:
    words = ("evaluate", str(docs), "--truth", str(docs.parent / "truth.jsonl"), "--at-least")
    assert live.machine.run(*words, "0.3").returncode == 0
    done = live.machine.run(*words, "0.5")
    assert (done.returncode, done.stderr.endswith("(evaluation-failed)\n")) == (5, True)
    total = next(line for line in done.stdout.splitlines() if line.startswith("all "))
    assert [word for place, word in enumerate(total.split()) if place != 5] == [
        "all",
        "33%",
        "0.48",
        "40%",
        "33%",
        "6",
        "3",
    ]
    assert done.stdout.splitlines()[-1] == "Questions answered exactly: 50% of 2 (ANLS 0.50)."


@pytest.mark.parametrize(
    ("text", "says"), [("{}", "line 1: file"), ('{"file": "a.pdf"}\nnonsense\n', "line 2"), ("\n", "has no lines")]
)
def test_a_truth_that_cannot_be_read_is_named_with_its_line(live: Live, tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "truth.jsonl").write_text(text)
    done = live.machine.run("evaluate", str(tmp_path), "--truth", str(tmp_path / "truth.jsonl"))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert says in done.stderr


def test_without_a_service_evaluate_starts_its_own_for_a_while(machine: Machine, docs: Path) -> None:
    done = machine.spawn("evaluate", str(docs), "--truth", str(docs.parent / "truth.jsonl"), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["overall"]["exact_match"] == round(2 / 6, 4)
    assert not (machine.folder / ".folioscope").exists()
