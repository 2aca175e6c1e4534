"""What is looked for, told from how people ask for it."""

import pytest

from core.records import Box, StopReason
from workers.inference import Inference
from workers.locate import prompt_of, said_in, wanted_in
from workers.vlm.interface import Generation, Line


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("Total due", "Total due"),
        ("  Total \n due ", "Total due"),
        ("Where is the signature?", "signature"),
        ("where's the stamp", "stamp"),
        ("Where are all the signatures on this page?", "signatures"),
        ("Where is a logo printed?", "logo"),
        ("Where does the total stand?", "total"),
        ('Where is "the total"?', "the total"),
        ("Where is „Gesamtbetrag“?", "Gesamtbetrag"),
        ('"Where is the exit?"', "Where is the exit?"),
        ("The Hague", "The Hague"),
        ("whereas", "whereas"),
        ("Where is?", "Where is?"),
        ("Where is the", "the"),
        ("a", "a"),
    ],
)
def test_what_is_looked_for(asked: str, wanted: str) -> None:
    assert wanted_in(asked) == wanted


@pytest.mark.parametrize(
    ("region", "place"),
    [
        (None, [0.1, 0.2, 0.3, 0.4]),
        ([0.5, 0, 1, 0.5], [0.55, 0.1, 0.65, 0.2]),
        ([0, 0.8, 1, 1], [0.1, 0.84, 0.3, 0.88]),
    ],
)
def test_places_in_a_region_are_told_on_the_page(region: list[float] | None, place: list[float]) -> None:
    """A model that was shown the region alone tells boxes in shares of that."""
    prompt = prompt_of({"text": "Total", "region": region})
    box = Box(0.1, 0.2, 0.3, 0.4)
    for lines in ((Line("Total", box, 0.9),), ()):  # by its lines, or by its box alone
        generation = Generation("Total", None, box, StopReason.END, 0.0, 0.9, lines)
        said = said_in(Inference(prompt, "key", generation, fresh=True))
        assert said["box"] == said["places"][0]["box"] == place
