"""How chance is asked."""

from random import Random


def chance(dice: Random, share: float) -> bool:
    """Say yes in this share of cases."""
    return dice.random() < share
