"""Schemas of people's own are asked by their names, titles, choices and truth values."""

from typing import Any

import pytest

from storage.database import make_engine, make_sessions
from tests.storage.records_world import archive_in
from tests.storage.world import World, world_of
from tests.workers.plans.conftest import TODAY
from workers.estimate import Reader
from workers.plans import exact_answer
from workers.plans.plan import Plan
from workers.plans.understanding import understand

LEASE: dict[str, Any] = {
    "type": "object",
    "title": "Lease agreement",
    "properties": {
        "landlord": {"type": "string"},
        "tenant": {"type": "string"},
        "rent": {"type": "string", "format": "money", "title": "monthly rent"},
        "start": {"type": "string", "format": "date"},
        "city": {"type": "string"},
        "status": {"enum": ["running", "cancelled"]},
        "furnished": {"type": "boolean"},
        "rooms": {"type": "integer"},
        "order": {"type": "object", "properties": {"no": {"type": "string", "title": "order number"}}},
    },
}
LEASES = [
    {"landlord": "Kahn & Sons", "tenant": "Ada Ray", "rent": "900 EUR", "start": "2023-03-01", "city": "Bonn"}
    | {"status": "running", "furnished": True, "rooms": 3, "order.no": "L-1"},
    {"landlord": "Kahn & Sons", "tenant": "Bo Lee", "rent": "700 EUR", "start": "2024-01-01", "city": "Berlin"}
    | {"status": "cancelled", "furnished": False, "rooms": 2, "order.no": "L-2"},
    {"landlord": "Ada Ray", "tenant": "Cy Orr", "rent": "800 EUR", "start": "2024-02-01", "city": "Bonn"}
    | {"status": "running", "furnished": False, "rooms": 1},
]
ASKED = {
    "How many lease agreements are there?": 3,
    "How many leases are there?": 3,
    "How many lease-agreements are running?": 2,
    "How many cancelled lease agreements?": 1,
    "How many furnished lease agreements in Bonn?": 1,
    "How many unfurnished lease agreements?": 2,
    "How many lease agreements with Kahn & Sons?": 2,
    "How many lease agreements with Ada Ray?": None,  # a landlord, and a tenant
    "How many lease agreements where the tenant is Ada Ray?": 1,
    "What is the sum of the monthly rents of lease agreements?": 2400,
    "What is the average monthly rent of lease agreements?": 800,
    "Which lease agreement has the most rooms?": None,
    "Which lease agreement has the highest number of rooms?": None,
    "What is the largest monthly rent?": 900,
    "How many lease agreements since 2024?": 2,
    "How many lease agreements have more than 1 rooms?": None,
    "How many lease agreements whose rooms are more than 1?": 2,
    "How many lease agreements per city?": [("Bonn", 2), ("Berlin", 1)],
    "How many lease agreements by status?": [("running", 2), ("cancelled", 1)],
    "How many lease agreements by furnished?": [("no", 2), ("yes", 1)],
    "How many tenants?": 3,
    "What is the monthly rent where the order number is L-2?": 700,
}


@pytest.fixture
def world(sqlite_url: str) -> Any:
    engine = make_engine(sqlite_url)
    world = world_of(make_sessions(engine), "default")
    archive = archive_in(world, "lease", LEASE)
    for number, said in enumerate(LEASES):
        archive.add(f"{number}.pdf", **said)
    yield world
    engine.dispose()


def test_a_schema_of_ones_own_is_asked_like_any_other(world: World) -> None:
    found: dict[str, Any] = {}
    with world.sessions() as session:
        for question in ASKED:
            answer = exact_answer(session, world.workspace_id, question, None, TODAY, Reader("bundled"))
            plan = answer.result()["plan"] if answer else None
            groups = plan and plan["intent"] == "per" and [(g["key"], g["number"]) for g in plan["groups"]]
            found[question] = groups or (plan and plan["number"])
    assert found == ASKED


def test_a_name_of_ones_own_goes_before_what_a_builtin_schema_is_also_called(
    world: World,
) -> None:
    archive_in(world, "bill", LEASE | {"title": "Bill"}).add("b.pdf", tenant="Bo Lee")
    with world.sessions() as session:
        understood = understand(session, world.workspace_id, "How many bills are there?", TODAY)
        assert understood is not None
        plan: Plan = understood.plan
        assert plan.schema == "bill"
