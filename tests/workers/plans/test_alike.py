"""Names that are nearly the same are counted apart, and told as maybe the same, with the reason."""

import json
from typing import Any

import pytest

from storage.database import Sessions
from tests.storage.world import World, world_of
from tests.workers.plans.conftest import TODAY
from tests.workers.plans.wide_world import stock_widely
from workers.estimate import Reader
from workers.plans import citations, exact_answer, plan_from_dict
from workers.plans.alike import alike_among, nearest, why_alike

Json = dict[str, Any]
LOOK = "the letters look alike"


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("Meyer GmbH", "Meyer GrnbH", LOOK),
        ("Meyer GmbH", "MEYER  Gmb H", "only capitals, blanks or marks differ"),
        ("Meyer GmbH", "Meyer", "only the form of the company is left out"),
        ("Meyer GmbH", "Meier GmbH", "one letter differs"),
        ("Meyer GmbH", "Myeer GmbH", "one letter differs"),
        ("Bolt AG", "B0lt AG", LOOK),
        ("Bolt AG", "Belt AG", None),
        ("Acme Ltd", "Acme GmbH", None),
        ("Store 12", "Store 13", None),
        ("Meyer GmbH", "Acme Ltd", None),
    ],
)
def test_two_names_may_be_the_same_for_a_reason(one: str, other: str, why: str | None) -> None:
    assert why_alike(one, other) == why_alike(other, one) == why


def test_names_are_held_against_all_before_them_and_the_nearest_of_an_unknown_one_are_found() -> None:
    names = ["Acme Ltd", "Meyer GmbH", "Acrne Ltd", "Store 12", "Store 13"]
    assert [(one.name, one.like) for one in alike_among(names)] == [("Acrne Ltd", "Acme Ltd")]
    assert nearest(names, "Meier GmbH") == ["Meyer GmbH"]
    assert nearest(names, "Zebra Corp") == []


def ask(world: World, question: str) -> Json:
    with world.sessions() as session:
        answer = exact_answer(session, world.workspace_id, question, None, TODAY, Reader("bundled"))
    assert answer is not None
    found: Json = json.loads(json.dumps(answer.result()))
    return found


def test_an_answer_names_what_may_be_the_same_and_adds_nothing_of_it(sessions: Sessions) -> None:
    world = world_of(sessions, "default")
    stock_widely(world)
    counts(world)
    groups(world)
    tops(world)
    unknown(world)


def counts(world: World) -> None:
    result = ask(world, "How many invoices from Meyer GmbH?")
    assert result["plan"]["number"] == 2
    assert f"1 invoice more has 'Meyer GrnbH', maybe the same as 'MEYER GMBH': {LOOK}." in result["text"]
    like = {"field": "vendor_name", "name": "Meyer GrnbH", "like": "MEYER GMBH", "why": LOOK, "rows": 1}
    assert result["plan"]["alike"] == [like]
    result = ask(world, "How many invoices not from Meyer GmbH?")
    assert result["plan"]["number"] == 7
    assert result["plan"]["where"] == 'not (vendor_name = "meyer gmbh")'
    assert "whose vendor name is not meyer gmbh." in result["text"]
    assert "1 invoice of these has 'Meyer GrnbH'" in result["text"]
    # whose other conditions nobody of that name meets
    assert ask(world, "How many invoices from Meyer GmbH in 2024?")["plan"]["alike"] == []


def groups(world: World) -> None:
    result = ask(world, "Total of invoices per vendor")
    sums = {(g["key"], g["currency"]): g["number"] for g in result["plan"]["groups"]}
    assert (sums["MEYER GMBH", "EUR"], sums["Meyer GrnbH", "EUR"]) == (178.5, 238)
    assert f"'Meyer GrnbH' and 'MEYER GMBH' may be the same: {LOOK}." in result["text"]
    assert "'MEYER GMBH' and 'Meyer GmbH' are counted as one." in result["text"]
    assert "Store 13' and" not in result["text"]


def tops(world: World) -> None:
    """The top has its rows alone, and tells whoever may belong to it."""
    plan = ask(world, "top 2 vendors by number of invoices")["plan"]
    assert [(g["key"], g["number"]) for g in plan["groups"]] == [("Acme Ltd", 2), ("MEYER GMBH", 2)]
    assert (plan["rows"], len(plan["citations"]), plan["query"]["top"]) == (4, 4, 2)
    assert {one["name"] for one in plan["alike"]} == {"Acrne Ltd", "Meyer GrnbH"}
    with world.sessions() as session:
        rows = citations(session, world.workspace_id, plan_from_dict(plan["query"])).items
    assert rows == plan["citations"]
    result = ask(world, "Which customer has the highest invoice total?")
    assert result["text"].startswith("Bolt AG: 419.00 EUR; Bolt AG: 1,000.00 USD. Sum of the total of invoices,")


def unknown(world: World) -> None:
    result = ask(world, "How many invoices from Meier GmbH?")
    assert (result["state"], result["plan"]["number"]) == ("not_found", 0)
    assert result["text"].startswith("Among 9 invoices that were read, none has the vendor name 'Meier GmbH'.")
    assert "The nearest: MEYER GMBH." in result["text"]
