"""A model behind an API tells where a text stands, where the catalog says how it writes boxes; else it is not asked."""

import base64
import io
import json
from typing import Any

import pytest
from PIL import Image

from core.records import Box, StopReason
from tests.protocol_server import ProtocolServer, refuses, says, says_json
from tests.workers.vlm.remote.reached import ask, model_of
from workers.vlm.catalog import Kind
from workers.vlm.interface import Capability, PageRequest, Prompt, PromptKind, capabilities_of
from workers.vlm.local.boxes import STYLES

PLACE = Prompt("place", PromptKind.LOCATE, "Total")
PAGE = Image.new("L", (560, 840), 255)
BOX = Box(0.1, 0.2, 0.5, 0.25)


def sides(box: Box | None) -> list[float]:
    assert box is not None
    return [box.x0, box.y0, box.x1, box.y1]


def told(places: list[Any]) -> Any:
    return says_json({"place": places})


def test_without_a_word_of_how_it_writes_boxes_none_are_asked_of_it(server: ProtocolServer, kind: Kind) -> None:
    model = model_of(server, kind)
    (found,) = ask(model, PLACE)
    assert (found.text, found.error, server.requests) == (None, "model-cannot", [])
    assert Capability.LOCATE not in capabilities_of(model)


@pytest.mark.parametrize("style", STYLES)
def test_a_box_comes_to_page_space_in_every_way_to_write_it(server: ProtocolServer, kind: Kind, style: str) -> None:
    written = STYLES[style].write("Total due", BOX, PAGE.size)
    is_form = STYLES[style].schema is not None
    server.plays(told(json.loads(written)) if is_form else says(f"Here it is: {written}"))
    model = model_of(server, kind, boxes=style)
    assert Capability.LOCATE in capabilities_of(model)
    (found,) = ask(model, PLACE, image=PAGE)
    assert (found.error, found.stop, len(found.lines)) == (None, StopReason.END, 1)
    assert sides(found.box) == pytest.approx(sides(BOX), abs=2e-3)
    assert "Total due" in str(found.text)
    (request,) = server.requests
    assert "Total" in request["messages"][0]["content"][-1]["text"]
    assert ("response_format" in request) is is_form


def test_a_place_is_as_sure_as_the_tokens_that_tell_it(server: ProtocolServer) -> None:
    value = '[{"text": "Total", "box": [0.1, 0.2, 0.5, 0.25]}]'
    tokens = [('{"place": ', 0.5), (value[:20], 0.9), (value[20:], 0.8), ("}", 0.5)]
    server.plays(says(f'{{"place": {value}}}', tokens))
    (found,) = ask(model_of(server, boxes="shares"), PLACE)
    assert found.confidence == pytest.approx(0.72)
    assert found.lines[0].confidence == pytest.approx(0.72)
    (found,) = ask(model_of(server, boxes="shares", logprobs=False), PLACE)
    assert (found.confidence, found.lines[0].confidence) == (None, None)


def test_the_server_holds_the_model_to_boxes_within_the_page_and_so_do_we(server: ProtocolServer) -> None:
    outside = {"text": "Total", "box": [0.1, 0.2, 0.5, 25]}
    server.plays(told([outside]), told([outside | {"box": [0.1, 0.2, 0.5, 0.25]}]))
    (found,) = ask(model_of(server, boxes="shares"), PLACE)
    assert sides(found.box) == [0.1, 0.2, 0.5, 0.25]
    complaint = server.requests[1]["messages"][2]["content"]
    assert "breaks the rule items/properties/box/items/maximum of its schema: 1" in complaint
    server.plays(told([outside]))
    (found,) = ask(model_of(server, boxes="shares"), PLACE)
    assert (found.text, found.box, found.error) == (None, None, "invalid-output")


@pytest.mark.parametrize("said", ['{"place": []}', '{"place": null}'])
def test_a_form_may_say_that_there_is_no_such_place(server: ProtocolServer, said: str) -> None:
    server.plays(says(said))
    (found,) = ask(model_of(server, boxes="thousandths"), PLACE)
    assert (found.text, found.box, found.error, found.stop) == (None, None, None, StopReason.END)


@pytest.mark.parametrize("said", ["none", "None.", "[]", "```json\n[]\n```"])
def test_a_model_may_say_in_its_own_words_that_there_is_no_such_place(server: ProtocolServer, said: str) -> None:
    server.plays(says(said))
    (found,) = ask(model_of(server, boxes="qwen3-vl"), PLACE)
    assert (found.text, found.box, found.error, len(server.requests)) == (None, None, None, 1)


def test_words_without_a_box_are_asked_about_once_more_and_are_then_an_error(server: ProtocolServer) -> None:
    nowhere = says("It stands at the bottom.")
    server.plays(nowhere, says('[{"bbox_2d": [100, 200, 500, 250], "label": "Total"}]'))
    (found,) = ask(model_of(server, boxes="qwen3-vl"), PLACE)
    assert sides(found.box) == [0.1, 0.2, 0.5, 0.25]
    assert "no box that lies on the page" in server.requests[1]["messages"][2]["content"]
    for never in (nowhere, says('[{"bbox_2d": [100, 200, 5000, 2500], "label": "Total"}]')):
        server.plays(never)
        (found,) = ask(model_of(server, boxes="qwen3-vl"), PLACE)
        assert (found.text, found.box, found.error) == (None, None, "invalid-output")


def test_places_that_were_cut_off_or_loop_are_none(server: ProtocolServer) -> None:
    server.plays(says('[{"bbox_2d": [100, 200, 500, 250], "lab', finish="length"))
    (found,) = ask(model_of(server, boxes="qwen3-vl"), PLACE)
    assert (found.text, found.box, found.stop) == (None, None, StopReason.BUDGET)
    server.plays(says('[{"bbox_2d": [100, 200, 500, 250]}, ' * 90, finish="length"))
    (found,) = ask(model_of(server, boxes="qwen3-vl"), PLACE)
    assert (found.text, found.box, found.stop) == (None, None, StopReason.LOOP)


def test_a_server_that_refuses_the_schema_is_asked_in_words_alone(server: ProtocolServer) -> None:
    server.plays(refuses("response_format", told([{"text": "Total", "box": [0.1, 0.2, 0.5, 0.25]}])))
    (found,) = ask(model_of(server, boxes="shares"), PLACE)
    assert found.text == "Total"
    assert "response_format" not in server.requests[-1]


def test_only_places_within_the_region_that_was_asked_about_are_told(server: ProtocolServer) -> None:
    above, below = [0.1, 0.1, 0.5, 0.2], [0.1, 0.8, 0.5, 0.9]
    server.plays(told([{"text": "Total", "box": above}, {"text": "TOTAL", "box": below}]))
    model = model_of(server, boxes="shares")
    prompts = [Prompt("place", PromptKind.LOCATE, "Total", region=region) for region in (None, Box(0, 0.5, 1, 1))]
    everywhere, there = ask(model, *prompts)
    assert [line.text for line in everywhere.lines] == ["Total", "TOTAL"]
    assert [(line.text, sides(line.box)) for line in there.lines] == [("TOTAL", below)]
    assert (there.text, sides(there.box)) == ("TOTAL", below)


def test_a_place_is_looked_for_on_the_first_page_alone(server: ProtocolServer) -> None:
    server.plays(told([]))
    model_of(server, boxes="shares").generate([PageRequest(PAGE, (PLACE,), more=(PAGE, PAGE))])
    assert [part["type"] for part in server.requests[0]["messages"][0]["content"]] == ["image_url", "text"]


@pytest.mark.parametrize("size", [(1240, 1754), (30, 2000), (1000, 10)])
def test_pixels_are_those_of_the_picture_that_was_sent_in_whole_patches(
    server: ProtocolServer, size: tuple[int, int]
) -> None:
    server.plays(says('[{"bbox_2d": [0, 0, 28, 28], "label": "Total"}]'))
    (found,) = ask(model_of(server, boxes="qwen2.5-vl", max_image_pixels=500_000), PLACE, image=Image.new("L", size))
    data = server.requests[0]["messages"][0]["content"][0]["image_url"]["url"].partition(";base64,")[2]
    width, height = Image.open(io.BytesIO(base64.b64decode(data))).size
    assert (width % 28, height % 28) == (0, 0)
    assert min(width, height) >= 56
    assert width * height <= 500_000
    assert sides(found.box) == pytest.approx([0, 0, 28 / width, 28 / height])
