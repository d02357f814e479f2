"""The door of the command line: an interruption is one line from the first moment on."""

from __future__ import annotations

import sys


def main() -> None:
    """Run one command (:mod:`speciosa.cli`)."""
    try:
        from speciosa.cli import main as run
    except KeyboardInterrupt:
        print("speciosa: interrupted.", file=sys.stderr)
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
