"""The socket that the API listens on, opened before anything else, so that a port in use is found out at once."""

import errno
import socket
from contextlib import ExitStack

from core.errors import ConfigurationError

_BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """An open door for the API; port 0 takes a free one. Raises ConfigurationError where it is taken."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)[0]
        with ExitStack() as stack:
            door = stack.enter_context(socket.socket(family, kind, protocol))
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(address)
            door.listen(_BACKLOG)
            stack.pop_all()  # from here on the caller closes it
            return door
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(
                f"Port {port} of {host} is in use; stop what listens there, or choose another: FOLIOSCOPE_PORT=..."
            ) from error
        raise ConfigurationError(
            f"FOLIOSCOPE_HOST={host} with FOLIOSCOPE_PORT={port} cannot be listened on: {error.strerror}."
        ) from error


def free_port(host: str, wished: int) -> int:
    """The wished port where it is free, else 0, for any."""
    try:
        listen(host, wished).close()
    except ConfigurationError:
        return 0
    return wished
