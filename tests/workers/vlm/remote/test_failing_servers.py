"""Servers that take less, are away, overloaded, or fail on one page alone."""

import threading
from dataclasses import replace

import pytest

from core.errors import FolioscopeError, ModelBusy, ModelFailed, ModelRefused, ModelUnavailable
from core.records import StopReason
from tests.protocol_server import (
    Act,
    ProtocolServer,
    babbles,
    cuts,
    empties,
    fails,
    halves,
    hangs,
    refuses,
    says,
    served,
)
from tests.workers.vlm.remote.reached import FIELDS, FORM, PAGE, QUESTION, QUICK, SECRET, ask, model_of
from workers.vlm.catalog import Kind
from workers.vlm.interface import Generation, PageRequest
from workers.vlm.remote.model import RemoteModel


@pytest.mark.parametrize("option", ["response_format", "logprobs", "temperature"])
def test_a_server_that_refuses_an_option_is_asked_without_it_from_then_on(
    server: ProtocolServer, kind: Kind, option: str
) -> None:
    server.plays(refuses(option, FORM))
    model = model_of(server, kind)
    for _ in range(2):
        assert [g.text for g in ask(model, *FIELDS)] == ["12.00", None]
    assert [option in request for request in server.requests] == [True, False, False]


def test_a_server_that_calls_the_budget_otherwise_gets_it_by_that_name(server: ProtocolServer, kind: Kind) -> None:
    says_so = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    server.plays(refuses("max_tokens", FORM, says_so))
    assert [g.text for g in ask(model_of(server, kind, max_new_tokens=77), *FIELDS)] == ["12.00", None]
    assert (server.requests[1].get("max_tokens"), server.requests[1]["max_completion_tokens"]) == (None, 77)


PASSING: dict[str, Act] = {
    **{str(status): fails(status) for status in (429, 500, 502, 503)},
    "429 with a moment": fails(429, retry_after="0.1"),
    "cut": cuts,
    "half a JSON": halves,
    "no JSON": babbles,
    "no message": empties,
}


@pytest.mark.parametrize("how", PASSING)
def test_a_failure_that_passes_is_borne_with(server: ProtocolServer, kind: Kind, how: str) -> None:
    server.plays(PASSING[how], PASSING[how], FORM)
    assert [g.text for g in ask(model_of(server, kind), *FIELDS)] == ["12.00", None]
    assert len(server.requests) == 3


def test_a_server_that_stays_busy_is_left_alone_for_as_long_as_it_says(server: ProtocolServer, kind: Kind) -> None:
    server.plays(fails(429, "slow down", retry_after="30"))
    model = model_of(server, kind)
    with pytest.raises(ModelBusy, match="429 slow down") as raised:
        ask(model, *FIELDS)
    assert float(str(raised.value.facts["wait"])) > 25
    with pytest.raises(ModelBusy):
        ask(model, QUESTION)
    assert len(server.requests) == 1  # neither a second try, as it would take too long, nor a second question


def test_a_server_that_is_away_makes_work_wait_and_is_asked_again_later(kind: Kind) -> None:
    with served() as gone:
        pass
    model = model_of(gone, kind)
    with pytest.raises(ModelBusy) as raised:
        ask(model, *FIELDS)
    assert raised.value.retryable
    with served(int(gone.url.split(":")[2].partition("/")[0])) as back:
        back.plays(FORM)
        assert [g.text for g in _once_let_in(model)] == ["12.00", None]


@pytest.mark.parametrize("act", [fails(500, "CUDA error"), cuts, halves], ids=["500", "cut", "half"])
def test_a_server_that_works_but_not_on_this_page_fails_this_page_alone(
    server: ProtocolServer, kind: Kind, act: Act
) -> None:
    server.plays(act)
    model = model_of(server, kind)
    with pytest.raises(ModelFailed):
        ask(model, *FIELDS)
    server.plays(FORM)
    assert [g.text for g in ask(model, *FIELDS)] == ["12.00", None]


@pytest.mark.parametrize("act", [fails(500), cuts], ids=["500", "cut"])
def test_a_server_that_fails_on_everything_is_away(server: ProtocolServer, kind: Kind, act: Act) -> None:
    server.plays(act)
    server.probed = act
    with pytest.raises(ModelBusy):
        ask(model_of(server, kind), *FIELDS)


def test_a_server_that_hangs_on_a_page_is_not_waited_for_again_and_again(server: ProtocolServer, kind: Kind) -> None:
    server.plays(hangs)
    with pytest.raises(ModelFailed, match="no answer in time"):
        ask(model_of(server, kind, timeout_seconds=0.2), *FIELDS)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("act", "error", "says"),
    [
        (fails(400, "The image is too large"), ModelRefused, "The image is too large"),
        (fails(401, f"Incorrect API key: {SECRET}"), ModelUnavailable, r"does not take our key: 401 .*\*\*\*"),
        (fails(403), ModelUnavailable, "does not take our key"),
        (fails(404, "The model `big` does not exist"), ModelUnavailable, "The model `big` does not exist"),
    ],
    ids=["400", "401", "403", "404"],
)
def test_what_does_not_pass_is_told_at_once(
    server: ProtocolServer, kind: Kind, act: Act, error: type[FolioscopeError], says: str
) -> None:
    server.plays(act)
    with pytest.raises(error, match=says):
        ask(model_of(server, kind), *FIELDS)
    assert len(server.requests) == 1


def test_pages_are_never_sent_on_to_another_server(server: ProtocolServer) -> None:
    with served() as other:
        server.plays(fails(307, location=f"{other.url}/chat/completions"))
        with pytest.raises(ModelUnavailable, match="sends us elsewhere"):
            ask(model_of(server), *FIELDS)
        assert other.requests == []


def test_while_a_server_is_tried_again_others_wait(server: ProtocolServer) -> None:
    server.plays(fails(503))
    server.probed = fails(503)
    model = model_of(server, concurrency=8)
    with pytest.raises(ModelBusy):
        ask(model, QUESTION)
    before = len(server.requests)
    with pytest.raises(ModelBusy):
        ask(model, *[QUESTION] * 8)
    assert len(server.requests) == before


def test_a_server_that_was_away_and_hangs_gets_no_page_before_it_answers(server: ProtocolServer, kind: Kind) -> None:
    model = model_of(server, kind, replace(QUICK, hello=0.2), timeout_seconds=600)  # as long as a page may take
    server.plays(fails(429))
    with pytest.raises(ModelBusy):
        ask(model, *FIELDS)
    threading.Event().wait(QUICK.longest_rest)
    server.probed = hangs
    server.plays(hangs)
    sent = len(server.requests)
    for _ in range(2):
        with pytest.raises(ModelBusy) as still:
            ask(model, *FIELDS)
        threading.Event().wait(float(str(still.value.facts["wait"])))
    assert len(server.requests) == sent
    server.probed = says("ok")
    server.plays(FORM)
    assert [g.text for g in _once_let_in(model)] == ["12.00", None]


def test_a_try_that_nobody_waits_for_any_more_keeps_no_other_from_trying(server: ProtocolServer, kind: Kind) -> None:
    model = model_of(server, kind, replace(QUICK, hello=30), timeout_seconds=600)
    server.plays(fails(429))
    with pytest.raises(ModelBusy):
        ask(model, *FIELDS)
    threading.Event().wait(QUICK.longest_rest)
    server.probed = hangs
    ((left, _),) = model.generate([PageRequest(PAGE, FIELDS)], lambda: True)
    assert left.stop is StopReason.CANCELLED
    server.probed = says("ok")
    server.plays(FORM)
    assert [g.text for g in _once_let_in(model)] == ["12.00", None]


def test_a_cancel_leaves_a_hanging_request_alone(server: ProtocolServer, kind: Kind) -> None:
    server.plays(hangs)
    cancelled = threading.Event()
    model = model_of(server, kind, timeout_seconds=30)
    threading.Timer(0.3, cancelled.set).start()
    ((found,),) = model.generate([PageRequest(PAGE, (QUESTION,))], cancelled.is_set)
    assert (found.text, found.stop) == (None, StopReason.CANCELLED)


def _once_let_in(model: RemoteModel) -> list[Generation]:
    """What it says once it asks its server again."""
    for _ in range(200):
        try:
            return ask(model, *FIELDS)
        except ModelBusy as error:
            threading.Event().wait(float(str(error.facts["wait"])))
    raise TimeoutError
