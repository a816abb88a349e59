"""What can go wrong, each as one plain sentence for a person: what, where, and what to do."""


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
