"""A real shell on a terminal of its own, to see what the Tab key makes of a line."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import sys
import time
from pathlib import Path

SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$(_QUANTIZE_COMPLETE=bash_source quantize)"'),
    "zsh": (["zsh", "--no-rcs", "-i"], 'eval "$(_QUANTIZE_COMPLETE=zsh_source quantize)"'),
    "fish": (["fish", "--no-config", "-i"], "_QUANTIZE_COMPLETE=fish_source quantize | source"),
}
"""How each is started without anybody's own settings, and the line of README that sets it up."""

_PATIENCE = 30.0
"""Seconds that an answer may take on a busy machine."""

_CODES = re.compile(r"\x1b(\[[0-9;?>=]*[A-Za-z]|\][^\x07\x1b]*(\x07|\x1b\\)|[=>()][0-9A-B]?)|[\r\x07]")


class Shell:
    """An interactive shell in a folder, that has `quantize` on its path and its completion set up."""

    def __init__(self, name: str, folder: Path) -> None:
        words, line = SHELLS[name]
        tools = folder / ".tools"
        tools.mkdir()
        command = tools / "quantize"
        command.write_text(
            f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(Path(__file__).parents[2])!r})\n"
            "from quantize.__main__ import main\nmain()\n"
        )
        command.chmod(0o755)
        environment = {
            **os.environ,
            "PATH": f"{tools}:{os.environ['PATH']}",
            "HOME": str(folder),
            "TERM": "dumb" if name == "bash" else "xterm",
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "80",
        }
        self._process, self._terminal = pty.fork()
        if not self._process:
            os.chdir(folder)
            os.execvpe(words[0], words, environment)
        self.press(f"{line}\necho re''ady\n")
        self.read_until("ready")

    def press(self, keys: str) -> None:
        """Type some keys."""
        os.write(self._terminal, keys.encode())

    def read_until(self, pattern: str) -> str:
        """Read the screen until it shows something, and give what it has shown since the last time."""
        seen = b""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            if select.select([self._terminal], [], [], 0.1)[0]:
                seen += os.read(self._terminal, 1 << 16)
                if b"\x1b[c" in seen or b"\x1b[0c" in seen:  # fish asks what terminal it is
                    self.press("\x1b[?62;c")
                    seen = seen.replace(b"\x1b[c", b"").replace(b"\x1b[0c", b"")
            text = _CODES.sub("", seen.decode(errors="replace"))
            if re.search(pattern, text):
                return text
        raise AssertionError(f"the shell did not show {pattern!r}:\n{text}")

    def complete(self, line: str) -> list[str]:
        """Type a line and Tab, and give the words that the shell makes of it."""
        self.press(f"{line}\t\x01printf '<%s>' \x05 end\n")
        text = self.read_until(r"<quantize>(<[^<>]*>)*<end>")
        return re.findall("<([^<>%]*)>", text[text.rindex("<quantize>") :])[1:-1]

    def wait_for_choices(self, line: str, *expected: str) -> None:
        """Type a line and Tab twice, and wait until the shell shows all that is expected."""
        self.press(f"{line}\t\t")
        self.read_until("(?s)" + "".join(f"(?=.*{re.escape(word)})" for word in expected))

    def close(self) -> None:
        """End it."""
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)
        os.close(self._terminal)
