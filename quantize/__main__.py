"""``python -m quantize``, and where the installed command starts."""

import gc
import os
import sys
from contextlib import suppress

from quantize.errors import ExitCode


def main() -> None:
    """Run the command; an interrupt while its modules are still loading is as silent as a later one."""
    # Everything that is loaded stays. The collector would look through it again and again, in 10 ms: `cli` turns the
    # collector on once all is loaded.
    gc.disable()
    _hold_closed_streams()
    try:
        from quantize.command.cli import run

        code = run()
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    except SystemExit as end:  # by a signal: while Python ends in its way, the next one would have its own effect
        code = int(end.code or 0)
    except (MemoryError, ImportError) as error:  # modules are loaded when they are needed, or cannot be
        code = ExitCode.SOME_FAILED
        reason = (str(error.__cause__ or error).split("\n")[0].strip()) or "no memory is left"
        with suppress(OSError):
            print(f"quantize: cannot go on ({reason})", file=sys.stderr)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # what could not be written was told when it was tried
            stream.flush()
    if _is_observed():
        sys.exit(code)
    # Every file is in place. To take numpy apart would cost the interpreter another 20 ms, a tenth of a short run.
    os._exit(code)


def _hold_closed_streams() -> None:
    """Put something in the place of each standard stream that is closed, or the next file to be opened would get it.

    Output that can only be read refuses what is written. What is said of errors is heard by nobody.
    """
    if sys.stdin is None:
        os.open(os.devnull, os.O_RDONLY)
    if sys.stdout is None:
        sys.stdout = open(os.open(os.devnull, os.O_RDONLY), "w")  # noqa: PTH123, SIM115 - for as long as the process lives
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115


def _is_observed() -> bool:
    """Tell whether a profiler, a debugger or a coverage tool has something to write at the end."""
    if sys.gettrace() or sys.getprofile():
        return True
    monitoring = getattr(sys, "monitoring", None)  # from Python 3.12 on
    return monitoring is not None and any(monitoring.get_tool(number) for number in range(6))


if __name__ == "__main__":
    main()
