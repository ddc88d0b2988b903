"""The `dehusk` command, as `python -m dehusk` too."""

import signal
import sys

from dehusk._dehusk import main as run


def main() -> None:
    """Runs the command and ends the process with its exit code."""
    # The command stops by itself and in order: Python's own handler would only note the signal. Where the signal is to be
    # ignored, as in the background of a script, there is no such handler.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.stdout.flush()
    sys.exit(run(["dehusk", *sys.argv[1:]]))


if __name__ == "__main__":
    main()
