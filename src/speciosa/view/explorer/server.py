"""The explorer, served on this machine."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from speciosa.core.errors import InputError

HOST = "127.0.0.1"
NEEDED = ("starlette", "uvicorn")
PATIENCE = 2  # seconds that open requests have when the explorer ends


@dataclass(frozen=True)
class Served:
    """An explorer that has its port and can be run.

    Args:
        port: the port.
        uvicorn: the server.
        place: the socket it listens at.
    """

    port: int
    uvicorn: Any
    place: socket.socket

    @property
    def address(self) -> str:
        """What a browser opens."""
        return f"http://{HOST}:{self.port}/"

    def run(self) -> None:
        """Serve until it is interrupted."""
        self.uvicorn.run(sockets=[self.place])

    def stop(self) -> None:
        """Ask it to end; every process of a run ends with it."""
        self.uvicorn.should_exit = True


def server(folder: str | Path, port: int, *, ahead: bool = True) -> Served:
    """Return an explorer of the runs in a folder; the caller runs it.

    Args:
        folder: the folder that holds run folders; it is made where there is none.
        port: a port of this machine; 0 takes a free one.
        ahead: start the next run's process before it is needed.

    Raises:
        InputError: the explorer is not installed, or the folder or the port cannot be had.
    """
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        what = f"the explorer needs {' and '.join(missing)}"
        raise InputError(what, "", "Install it with: pip install 'speciosa[explorer]'")
    at = Path(folder).resolve()
    try:
        at.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"cannot be made: {error.strerror or error}"
        raise InputError(what, str(folder), "Name another folder with --folder.") from error
    place = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        place.bind((HOST, port))
    except OSError as error:
        place.close()
        what = f"port {port} cannot be opened ({error.strerror})"
        raise InputError(what, "", "Choose another with --port.") from error
    import uvicorn

    from speciosa.view.explorer.app import explorer

    config = uvicorn.Config(
        explorer(at, ahead=ahead), log_level="warning", access_log=False, lifespan="on",
        server_header=False, timeout_graceful_shutdown=PATIENCE, ws="none",
    )  # fmt: skip
    return Served(place.getsockname()[1], uvicorn.Server(config), place)
