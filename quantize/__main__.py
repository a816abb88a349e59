"""``python -m quantize``, and where the installed command starts."""

import gc
import os
import sys
from contextlib import suppress


def main() -> None:
    """Run the command; an interrupt while its modules are still loading is as silent as a later one."""
    # Of what is loaded nothing goes. To look through it again and again would cost 10 ms; `cli` lets that begin after.
    gc.disable()
    try:
        from quantize.command.cli import run

        code = run()
    except KeyboardInterrupt:
        code = 130
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    # Every file is in place. To take numpy apart would cost the interpreter another 20 ms, a tenth of a short run.
    os._exit(code)


if __name__ == "__main__":
    main()
