"""What is looked for, told from how people ask for it."""

import pytest

from workers.locate import wanted_in


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
