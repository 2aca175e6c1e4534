"""What a worker process does by itself, hints or none: looks for work when idle, and sweeps."""

from workers.desk import Desk
from workers.every import Every
from workers.sweep import sweep
from workers.work import work_until_idle


def start_rounds(desk: Desk) -> None:
    """Start the threads; they end when the desk is closed."""
    settings = desk.settings
    desk.rounds += [
        Every(settings.poll_seconds, lambda: work_until_idle(desk, desk.queues), name="poll"),
        Every(settings.sweep_seconds, lambda: sweep(desk), name="sweep"),
    ]
    for round_ in desk.rounds:
        round_.start()
