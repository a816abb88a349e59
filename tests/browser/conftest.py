"""A real Chromium without a window, one for all tests; where there is none, they are skipped with the reason."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

# Without a sandbox, because tests may run as root; and without any look at the network.
FLAGS = """--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic --no-first-run
--disable-background-networking --disable-component-update --disable-sync --force-device-scale-factor=1"""


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The browser itself."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is missing: make test-browser")
    binary = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not binary or not driver:
        pytest.skip("no Chromium with chromedriver: make test-browser installs them")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for flag in [*FLAGS.split(), f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"]:
        options.add_argument(flag)
    browser = webdriver.Chrome(options, webdriver.ChromeService(driver))
    yield browser
    browser.quit()


def set_window(browser: Any, width: int, *, dark: bool = False) -> None:
    """Give the page another window, in the light or the dark scheme of colors."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})


@pytest.fixture
def visit(chromium: Any, tmp_path: Path) -> Callable[..., Any]:
    """Open a page from disk at a width, wait until its script is through, and give the browser.

    A message on the browser's console is a failure: nothing may be fetched, and nothing may go wrong unseen.
    """

    def visit(page: str, width: int = 1024) -> Any:
        path = tmp_path / "page.html"
        path.write_text(page, encoding="utf-8")
        set_window(chromium, width)
        chromium.get_log("browser")  # what is said by now is not this page's
        chromium.get(path.as_uri())
        deadline = time.monotonic() + 20
        while not chromium.execute_script("return document.body.dataset.ready"):
            messages = [entry["message"] for entry in chromium.get_log("browser")]
            assert not messages and time.monotonic() < deadline, messages or "the page never became ready"
            time.sleep(0.01)
        assert [entry["message"] for entry in chromium.get_log("browser")] == []
        return chromium

    return visit
