# Two commands set everything up on a machine that has Python 3.11, git and make: make demo, make test.
PYTHON ?= python3
K ?= 16
IMAGES ?= sample_images
BIN := .venv/bin

.PHONY: demo test test-browser check coverage readme pictures fuzz odd-files faults cluster bench samples clean
.DELETE_ON_ERROR:

demo: .venv/installed
	$(BIN)/quantize sample_images/*.jpg sample_images/*.png -k $(K) -d out/demo
	@echo
	@echo "Look in out/demo: for each photograph a picture of $(K) colors, a swatch of its palette (-swatch.png)"
	@echo "and a report of what was gained and lost (-report.json). Then try: make demo K=4"

# On all processors. PYTEST_OPTIONS=-x, or one folder: make test TESTS=tests/kmeans
TESTS ?= tests
test: .venv/installed-test
	$(BIN)/python -m pytest -n auto --dist worksteal --ignore tests/browser $(PYTEST_OPTIONS) $(TESTS)

coverage: .venv/installed-dev
	$(BIN)/coverage run --source quantize -m pytest
	$(BIN)/coverage report --skip-covered --sort miss

# The page in a real browser.
test-browser: .venv/installed-test
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null \
	    || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get install -qq chromium chromium-driver >/dev/null; } \
	    || { echo "Chromium and its chromedriver are missing; with Debian: apt-get install chromium chromium-driver"; exit 1; }
	$(BIN)/python -m pytest tests/browser

check: .venv/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# The option list of README.md is the live help.
readme: .venv/installed-test
	$(BIN)/python -m tests.write_readme

# The pictures of README.md, from sample_images. That of the page needs Chromium.
pictures: .venv/installed-test
	$(BIN)/python -m tests.draw_readme

# Ten thousand broken files of all formats: no traceback, no hang, no file left behind. Some minutes.
MUTATIONS ?= 10000
fuzz: .venv/installed-test
	$(BIN)/python -m tests.fuzz $(MUTATIONS)

# Odd files of every mode and format, crossed with numbers of colors, dithers and formats, and checked. Some minutes.
RUNS ?= 5000
odd-files: .venv/installed-test
	$(BIN)/python -m tests.odd_files $(RUNS)

# Signals at any moment, and limits of processes, memory, files and their size. An hour; limits need Linux and root.
TRIALS ?= 500
faults: .venv/installed-test
	$(BIN)/python -m tests.faults $(TRIALS)

# A Dask cluster whose workers and scheduler are killed: make cluster PICTURES=300. Some minutes.
PICTURES ?= 300
cluster: .venv/installed-test
	$(BIN)/python -m tests.cluster $(PICTURES)

# Speed and quality on the photographs of a folder: make bench IMAGES=dir
bench: .venv/installed-test
	@for peer in "pngquant pngquant" "convert imagemagick"; do set -- $$peer; command -v $$1 >/dev/null \
	    || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get install -qq $$2 >/dev/null; } \
	    || echo "$$1 is not installed and is left out; with Debian: apt-get install $$2"; done
	$(BIN)/python -m compileall -q quantize
	$(BIN)/python -m tests.bench $(IMAGES)

# How to use the command in a Makefile of your own. One pattern rule makes all three files of a photograph;
# only changed photographs run again, and make -j2 runs two at a time.
PHOTOS := $(basename $(notdir $(wildcard sample_images/*.jpg sample_images/*.png)))
THREE := out/%-k$(K).png out/%-k$(K)-swatch.png out/%-k$(K)-report.json
samples: $(PHOTOS:%=out/%-k$(K).png)

$(THREE): sample_images/%.jpg | .venv/installed
	$(BIN)/quantize $< -k $(K) -d out

$(THREE): sample_images/%.png | .venv/installed
	$(BIN)/quantize $< -k $(K) -d out

clean:
	rm -rf .venv out build *.egg-info

.venv/installed .venv/installed-test .venv/installed-dev: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --config-settings editable_mode=compat --editable '.$(if $(findstring -,$@),[$(lastword $(subst -, ,$@))])'
	$(BIN)/python -m compileall -q quantize
	@touch $@
