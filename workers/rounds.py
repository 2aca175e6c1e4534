"""What a worker process does by itself, hints or none: looks for work when idle, reads meanwhile, and sweeps."""

from workers import idle
from workers.desk import Desk
from workers.every import Every
from workers.sweep import sweep, sweep_leftovers
from workers.work import work_until_idle

_LEFTOVERS_SECONDS = 600.0


def start_rounds(desk: Desk) -> None:
    """Start the threads; they end when the desk is closed."""
    settings = desk.settings
    desk.rounds += [
        Every(settings.poll_seconds, lambda: work_until_idle(desk, desk.queues), name="poll", at_once=True),
        Every(settings.sweep_seconds, lambda: sweep(desk), name="sweep"),
        Every(_LEFTOVERS_SECONDS, lambda: sweep_leftovers(desk), name="leftovers"),
    ]
    if idle.Idle.is_wanted(desk):
        desk.rounds.append(Every(idle.SECONDS, idle.Idle(desk).look, name="idle"))
    for round_ in desk.rounds:
        round_.start()
