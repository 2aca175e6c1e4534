"""Questions of every kind, as people ask them: understood as they are meant, or left to the pages.

The questions and their plans lie in `wide/`, a file a theme: a line is a question and, behind ` -> `, its plan in
short; `-` says that none may be made of it, `?` before the plan that it may be left to the pages as well.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import make_engine, make_sessions
from tests.storage.world import World, world_of
from tests.workers.plans.conftest import TODAY
from tests.workers.plans.wide_world import stock_widely
from workers.plans.understanding import understand

FILES = sorted((Path(__file__).parent / "wide").glob("*.txt"))


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[World]:
    """The archive that is asked; to be read only."""
    path = tmp_path_factory.mktemp("wide") / "folioscope.db"
    shutil.copyfile(sqlite_template, path)
    engine = make_engine(f"sqlite:///{path}")
    world = world_of(make_sessions(engine), "default")
    stock_widely(world)
    yield world
    engine.dispose()


def said(world: World, question: str) -> str:
    """The plan in short; `-`: there is none."""
    with world.sessions() as session:
        understood = understand(session, world.workspace_id, question, TODAY)
    if understood is None:
        return "-"
    plan = understood.plan
    parts: list[object] = [plan.intent.value, plan.schema, plan.field, plan.currency and f"in {plan.currency}"]
    parts += [plan.where_text and f"where {plan.where_text}"]
    parts += [plan.by and f"by {plan.by.field} {plan.by.cut.value}", plan.table and f"of {plan.table}"]
    parts += [plan.limit > 1 and f"limit {plan.limit}", plan.top and f"top {plan.top}"]
    parts += [understood.unknown and f"unknown {understood.unknown.said}"]
    return " ".join(str(part) for part in parts if part)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_question_gets_a_plan_that_it_does_not_mean(path: Path, wide: World) -> None:
    wrong = []
    for line in path.read_text("utf-8").splitlines():
        question, arrow, plan = line.partition(" -> ")
        if not arrow:
            continue
        got = said(wide, question)
        allowed = {plan.removeprefix("? ")} | ({"-"} if plan.startswith("? ") else set())
        if got not in allowed:
            wrong.append(f"{question}\n  means {plan}\n  got   {got}")
    assert not wrong, "\n" + "\n".join(wrong)
