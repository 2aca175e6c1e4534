"""Who is asking for an inference: one at a time, until it ends or runs out."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from storage import inference_claims
from storage.database import Sessions, new_id
from storage.tables import InferenceClaim, Workspace
from storage.workspaces import ensure_workspace

KEYS = {f"{number:064x}" for number in range(40)}
LONG = 60.0  # seconds


def take(sessions: Sessions, workspace_id: str, keys: set[str], owner: str, seconds: float = LONG) -> set[str]:
    with sessions.begin() as session:
        return inference_claims.take(session, workspace_id, keys, owner, seconds)


def held(sessions: Sessions, workspace_id: str) -> set[str]:
    with sessions() as session:
        return inference_claims.held(session, workspace_id, KEYS)


def test_what_somebody_holds_nobody_else_gets_until_it_is_released(sessions: Sessions, workspace: Workspace) -> None:
    some = set(sorted(KEYS)[:10])
    assert take(sessions, workspace.id, some, "a") == some
    assert take(sessions, workspace.id, KEYS, "b") == KEYS - some
    assert held(sessions, workspace.id) == KEYS
    with sessions.begin() as session:
        inference_claims.release(session, "a")
    assert held(sessions, workspace.id) == KEYS - some
    assert take(sessions, workspace.id, KEYS, "c") == some


def test_what_ran_out_is_free_and_renewing_keeps_it(sessions: Sessions, workspace: Workspace) -> None:
    assert take(sessions, workspace.id, KEYS, "killed", seconds=-1) == KEYS
    assert held(sessions, workspace.id) == set()
    assert take(sessions, workspace.id, KEYS, "next", seconds=-1) == KEYS
    with sessions.begin() as session:
        inference_claims.renew(session, "killed", LONG)  # comes too late, and holds nothing any more
    assert held(sessions, workspace.id) == set()
    with sessions.begin() as session:
        inference_claims.renew(session, "next", LONG)
    assert held(sessions, workspace.id) == KEYS


def test_the_sweep_forgets_what_ran_out_alone(sessions: Sessions, workspace: Workspace) -> None:
    some = set(sorted(KEYS)[:10])
    take(sessions, workspace.id, some, "killed", seconds=-1)
    take(sessions, workspace.id, KEYS - some, "alive")
    with sessions.begin() as session:
        inference_claims.forget(session)
    with sessions() as session:
        assert set(session.scalars(select(InferenceClaim.key))) == KEYS - some


def test_workspaces_do_not_hear_of_each_other(sessions: Sessions, workspace: Workspace) -> None:
    with sessions.begin() as session:
        other = ensure_workspace(session, "other").id
    assert take(sessions, workspace.id, KEYS, "a") == KEYS
    assert held(sessions, other) == set()
    assert take(sessions, other, KEYS, "b") == KEYS


def test_of_many_who_want_the_same_at_once_each_key_goes_to_one(sessions: Sessions, workspace: Workspace) -> None:
    def wants(number: int) -> set[str]:
        return take(sessions, workspace.id, set(sorted(KEYS)[number : number + 30]), new_id())

    with ThreadPoolExecutor(8) as pool:
        got = Counter(key for keys in pool.map(wants, range(10)) for key in keys)
    assert set(got.values()) == {1}
    assert set(got) == set(sorted(KEYS)[:39])


def test_many_who_take_renew_release_and_sweep_at_once_never_wait_in_a_ring(
    sessions: Sessions, workspace: Workspace
) -> None:
    def goes_round(number: int) -> None:
        dice, owner = random.Random(number), new_id()
        for _ in range(25):
            keys = set(dice.sample(sorted(KEYS), 20))
            take(sessions, workspace.id, keys, owner, dice.choice((-1.0, LONG)))
            with sessions.begin() as session:
                inference_claims.renew(session, owner, LONG)
            with sessions.begin() as session:
                inference_claims.forget(session)
            with sessions.begin() as session:
                inference_claims.release(session, owner)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(goes_round, range(8)))
    assert held(sessions, workspace.id) == set()
