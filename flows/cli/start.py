"""The first thing that runs: what is interrupted before any command began ends at once, without a traceback."""

import signal


def main() -> None:
    """Load the command line, and run it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # loading takes a second, in which Python would print where it was
    from flows.cli.__main__ import main as run

    signal.signal(signal.SIGINT, signal.default_int_handler)
    run()
