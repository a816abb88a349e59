"""``python -m quantize``, and where the installed command starts."""

import sys


def main() -> None:
    """Run the command; an interrupt while its modules are still loading is as silent as a later one."""
    try:
        from quantize.cli import run

        code = run()
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
