import pytest

from training.goals import goals
from training.outcomes import Origin, Outcome, Spelling, font_groups, grouped, spelling, summary, tables
from training.render import builtin_fonts


def origin(page: int, grade: str = "clean") -> Origin:
    return Origin(page, grade, grade, "invoice", "en")


def there(page: int, *, exact: bool, overlap: float = 0.9, confidence: float = 0.9, answered: bool = True) -> Outcome:
    return Outcome(
        origin(page),
        "total",
        present=True,
        answered=answered,
        confidence=confidence,
        exact=exact,
        anls=float(exact),
        overlap=overlap,
        font=builtin_fonts().faces[1].key,
    )


def not_there(page: int, *, answered: bool, confidence: float = 0.9) -> Outcome:
    return Outcome(origin(page), "total", present=False, answered=answered, confidence=confidence)


def test_the_figures_of_no_prompts_are_noughts() -> None:
    figures = summary([])
    assert figures["present"] == figures["absent"] == figures["exact"] == 0


def test_boxes_are_counted_among_right_answers_only() -> None:
    rows = [there(1, exact=True), there(2, exact=True, overlap=0.1), there(3, exact=False)]
    figures = summary(rows)
    assert figures["exact"] == 0.667
    assert figures["box_half"] == 0.5
    assert figures["overlap"] == 0.5


def test_silence_is_counted_where_it_is_true_and_where_it_is_not() -> None:
    rows = [not_there(n, answered=n == 0) for n in range(4)] + [there(9, exact=False, answered=False)]
    figures = summary(rows)
    assert figures["absent_answered"] == 0.25
    assert figures["null_recall"] == 0.75
    assert figures["null_precision"] == 0.75  # three of four that said "not here"


def test_answers_to_what_is_not_there_are_wrong_answers() -> None:
    rows = [
        there(1, exact=True, confidence=0.9),
        not_there(1, answered=True, confidence=0.85),
        there(2, exact=False, confidence=0.3),
        there(3, exact=True, confidence=0.8),
    ]
    figures = summary(rows)
    assert figures["sure_share"] == 0.75
    assert figures["sure_exact"] == 0.667


def test_a_face_belongs_to_its_kind_and_to_its_styles() -> None:
    bold_sans = next(f for f in builtin_fonts().faces if f.bold and f.kind == "sans")
    assert font_groups(bold_sans.key) == ["sans", "bold"]
    assert font_groups("") == []


def test_every_prompt_stands_in_the_tables_of_its_page_and_of_its_face() -> None:
    found = tables([there(1, exact=True), not_there(2, answered=False)])
    for side in ("all", "sort", "family", "language", "field"):
        (group,) = found[side].values()
        assert (group["present"], group["absent"]) == (1, 1)
    assert set(found["kind"]) == {"fields", "absent"}
    assert set(found["font"]) == {"sans", "bold"}


def test_groups_may_overlap() -> None:
    assert grouped([1, 2], lambda n: ["all", str(n)]) == {"1": [1], "2": [2], "all": [1, 2]}


def test_character_errors_are_edits_over_characters_with_pages_as_clusters() -> None:
    lines = [Spelling(origin(page), "", edits=page % 2, characters=10) for page in range(10)]
    figures = spelling(lines)
    assert figures["characters"] == 100
    assert figures["rate"] == 0.05
    low, high = figures["interval"]  # type: ignore[misc]  # an interval
    assert 0 <= low < 0.05 < high


def test_a_goal_is_met_where_its_figure_is_good_enough() -> None:
    rows = [there(n, exact=n > 0) for n in range(20)] + [not_there(n, answered=n < 2) for n in range(20)]
    clean, *others = goals(rows, [Spelling(origin(0), "", 1, 100)])
    assert clean["exact"]["reached"] == pytest.approx(0.95)
    assert [clean[name]["met"] for name in ("exact", "character_errors", "absent_answered", "box_half")] == [
        True,
        True,
        False,
        True,
    ]
    assert all("exact" not in goal for goal in others)
