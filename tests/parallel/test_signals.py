"""Signals to end are heard once, whatever comes with them."""

import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="this system holds no signals back")


def test_signals_that_come_together_end_once_and_without_a_word():
    """Python writes a traceback where it finds one ignored that was on its way."""
    script = (
        "import os, signal\n"
        "from quantize.parallel.signals import STOP_SIGNALS, end_on_signals, signals_held\n"
        "end_on_signals()\n"
        "try:\n"
        "    with signals_held():\n"
        "        for number in STOP_SIGNALS:\n"
        "            os.kill(os.getpid(), number)\n"
        "finally:\n"
        "    sum(range(1000))\n"  # what is cleaned up, meanwhile the others are heard
        "    print('cleaned')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (
        129,
        "cleaned\n",
        "",
    )  # of several, the one of the lowest number
