"""How the cores of a machine are shared out."""

import pytest

from core.settings import Settings
from workers.run import model_shares


@pytest.mark.parametrize(
    ("settings", "cores", "shares"),
    [
        (Settings(), 1, (1, 1)),
        (Settings(), 2, (2, 1)),
        (Settings(), 16, (4, 4)),
        (Settings(model_threads=2), 8, (1, 2)),
        (Settings(model_processes=3), 6, (3, 2)),
        (Settings(model_processes=3, model_threads=1), 2, (3, 1)),
        (Settings(model="org/checkpoint"), 16, (1, 0)),
        (Settings(visual_model="org/eye"), 16, (1, 0)),
    ],
)
def test_only_the_bundled_model_is_held_by_several_processes_unasked(
    settings: Settings, cores: int, shares: tuple[int, int]
) -> None:
    assert model_shares(settings, cores) == shares
