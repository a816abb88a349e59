"""What can go wrong, each as one plain sentence for a person: what, where, and what to do; and the exit codes."""

from enum import IntEnum


class ExitCode(IntEnum):
    """How the command ends."""

    DONE = 0
    """Every picture was written, or deliberately skipped."""
    SOME_FAILED = 1
    """Some picture failed, and the others are written."""
    WRONG_COMMAND = 2
    """The command was wrong, and nothing was written."""
    HUNG_UP = 129
    INTERRUPTED = 130
    PIPE_CLOSED = 141
    """The reader of standard output went away."""
    TERMINATED = 143


class QuantizeError(Exception):
    """Base of every error that this package raises on purpose."""


class InputError(QuantizeError):
    """An input that cannot be read as a picture."""


class OutputError(QuantizeError):
    """An output that cannot or must not be written."""


class SkippedError(QuantizeError):
    """A result that was deliberately not written; the sentence says why."""


class UsageError(QuantizeError):
    """A request that contradicts itself; nothing has been written."""
