"""The web server around the app: it tells open streams and waiting questions when it is asked to end."""

import signal
import socket
from types import FrameType

import uvicorn
from fastapi import FastAPI

from api.app import make_app
from core.settings import Settings

_GRACE_SECONDS = 5  # for open requests


class Server(uvicorn.Server):
    """A server whose app hears of the end at once, and not when all its streams have ended by themselves."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,  # the app logs a line a request itself
            server_header=False,
            lifespan="on",
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        super().__init__(config)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM or SIGINT: end, and tell the app."""
        self._app.state.closing.set()
        super().handle_exit(sig, frame)


def serve(settings: Settings, listening: socket.socket) -> None:
    """Serve on a socket that listens, until SIGTERM or SIGINT; that is a good end, and no death by a signal."""
    server = Server(make_app(settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.handle_exit)  # uvicorn raises the signal again, when all is done
    server.run(sockets=[listening])
