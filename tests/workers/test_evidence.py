"""What a job stores beside its values: what the text layer says, and whether the box alone gave the value again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from core.records import FieldValue, LayerVerdict, StopReason
from storage import schemas, values
from tests.scripted_model import ScriptedModel
from tests.workers.conftest import Bench
from workers.vlm.interface import Capability, Generation, Prompt, PromptKind

LAYER = (("Total", 0.02, 0.22, 0.09, 0.38), ("Acme", 0.11, 0.22, 0.19, 0.38), ("Paper", 0.2, 0.22, 0.29, 0.38))


@dataclass
class Rereads(ScriptedModel):
    """Says of every box that is read alone what `again` says."""

    again: str = "Acne Paper"
    sheets: bool = True
    capabilities: frozenset[Capability] = frozenset({Capability.EXTRACT, Capability.READ})

    def _answer(self, number: int, prompt: Prompt) -> Generation:
        if prompt.kind is PromptKind.READ:
            return Generation(self.again, None, None, StopReason.END, 0.0, 0.9)
        return super()._answer(number, prompt)


def read(bench: Bench, schema: str, words: Sequence[Any] = LAYER, **params: Any) -> FieldValue:
    """The one value of a page on which the model reads `Acne Paper`."""
    bench.model.answers = {"1": {"vendor": "Acne Paper @0.6"}}
    document = bench.document(1, words=tuple(words))
    bench.extract(schema, document, **params)
    bench.run()
    with bench.sessions() as session:
        ((_, value),) = values.values_of(session, document, schema)
    return value


def schema_with(bench: Bench, **wishes: Any) -> str:
    """A schema of one field that says more about how its values are checked."""
    body = {"type": "object", "properties": {"vendor": {"type": "string", "title": "vendor"}}, "folioscope": wishes}
    with bench.sessions.begin() as session:
        return schemas.add_schema(session, bench.workspace_id, "vendor", body).id


def test_a_near_miss_is_mended_to_the_characters_of_the_file(bench: Bench) -> None:
    value = read(bench, bench.schema(vendor="vendor"))
    assert (value.raw, value.seen, value.layer) == ("Acme Paper", "Acne Paper", LayerVerdict.SNAPPED)
    assert value.verified is None


def test_a_job_or_a_schema_may_leave_the_text_layer_aside(bench: Bench) -> None:
    without = read(bench, bench.schema(vendor="vendor"), text_layer=False)
    assert (without.raw, without.layer) == ("Acne Paper", None)
    never = read(bench, schema_with(bench, text_layer=False))
    assert (never.raw, never.layer) == ("Acne Paper", None)


def test_a_page_without_words_of_its_own_is_read_by_its_pixels_alone(bench: Bench) -> None:
    value = read(bench, bench.schema(vendor="vendor"), words=())
    assert (value.raw, value.layer) == ("Acne Paper", None)


@pytest.mark.parametrize(("again", "verified"), [("acme paper", True), ("Acre Paper", False)])
def test_a_mended_value_is_itself_compared_with_the_second_reading(bench: Bench, again: str, verified: bool) -> None:  # noqa: FBT001 - a case
    bench.model = Rereads(again=again)
    value = read(bench, bench.schema(vendor="vendor"))
    assert (value.raw, value.seen, value.verified) == ("Acme Paper", "Acne Paper", verified)


def test_what_came_back_from_its_box_is_not_mended(bench: Bench) -> None:
    bench.model = Rereads(again="Acne Paper")
    value = read(bench, bench.schema(vendor="vendor"))
    assert (value.raw, value.layer, value.verified) == ("Acne Paper", LayerVerdict.CLASHES, True)


def test_a_schema_may_spare_the_second_reading(bench: Bench) -> None:
    bench.model = Rereads()
    value = read(bench, schema_with(bench, verify=False))
    assert value.verified is None
    assert bench.model.calls == [(1, ("vendor",))]


def test_a_second_job_neither_reads_nor_checks_again(bench: Bench) -> None:
    bench.model = Rereads()
    schema = bench.schema(vendor="vendor")
    document = bench.document(1)
    bench.extract(schema, document)
    bench.run()
    assert len(bench.model.calls) == 3  # its fields, its boxes, and its text along
    bench.extract(schema, document)
    bench.run()
    assert len(bench.model.calls) == 3
    with bench.sessions() as session:
        ((_, value),) = values.values_of(session, document, schema)
    assert value.verified is False


def test_a_blank_page_is_neither_read_nor_checked(bench: Bench) -> None:
    bench.model = Rereads()
    bench.extract(bench.schema(vendor="vendor"), bench.document(1, blank=[1], words=LAYER))
    bench.run()
    assert bench.model.calls == []
