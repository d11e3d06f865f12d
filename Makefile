# Everything from a bare clone with Python and make: each target makes .venv first if it is not there.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

# Brings up a Docker-compatible engine where none runs
CONTAINER_LAB ?= ../shared/containers/lab

.PHONY: help install serve test browser test-browser screenshots postgres test-containers faketime chaos chaos-short fuzz fuzz-api lint types format bench bench-edges bench-peers bench-serving bench-training bench-page bench-scale load lock clean

help:  ## Show these targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(VENV)/installed  ## Make .venv with the pinned dependencies

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

serve: install  ## Serve the API on http://127.0.0.1:8000, and train its jobs
	$(BIN)/naivenet serve

# As many tests at once as there are cores: a NumPy that took all of them for itself would wait for its own threads
test: install postgres  ## Run all tests, and say how much they cover
	$(BIN)/coverage erase
	OPENBLAS_NUM_THREADS=1 $(BIN)/coverage run -m pytest --numprocesses auto --dist loadfile --ignore tests/chaos --ignore tests/browser --ignore tests/containers
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report
	$(MAKE) --no-print-directory test-browser

test-browser: install browser  ## Run the tests of the page, in a real browser
	$(BIN)/python -m pytest tests/browser

screenshots: install browser  ## Take the pictures of the page that README and docs show
	$(BIN)/python -m tests.browser.screenshots

# Debian's package; elsewhere any Chromium or Chrome on the path will do. With BROWSER=required none is an error.
WITHOUT := echo "No Chromium: install it (Debian: apt-get install chromium). Until then the page's tests are skipped."; \
  [ "$(BROWSER)" != required ]

browser:
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; \
	if ! command -v apt-get >/dev/null; then $(WITHOUT); exit; fi; \
	[ "$$(id -u)" = 0 ] && sudo= || sudo="sudo -n"; \
	{ $$sudo apt-get update -qq && $$sudo apt-get install -qq -y --no-install-recommends chromium >/dev/null; } || { $(WITHOUT); }

fuzz: install  ## Feed the decoders a million bad inputs, in two processes; FUZZ_REPORT names a file for the figures
	FUZZ_INPUTS=$${FUZZ_INPUTS:-91000} $(BIN)/python -m pytest --numprocesses 2 tests/fuzz

# The tests start one of their own; Debian keeps its programs off the path
postgres:
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { \
	  [ "$$(id -u)" = 0 ] && sudo= || sudo="sudo -n"; \
	  $$sudo apt-get update -qq && $$sudo apt-get install -qq -y --no-install-recommends postgresql >/dev/null; } || { \
	  echo "No PostgreSQL: install it, so that initdb is on the path. The store's tests run on it as on SQLite."; exit 1; }

test-containers: install  ## Build the images, and run both of Compose's profiles on a Docker engine, or on CONTAINER_LAB's
	CONTAINER_LAB=$(CONTAINER_LAB) $(BIN)/python -m pytest -m containers tests/containers

fuzz-api: install  ## Make thousands of requests of the published document, and hold every answer against it
	$(BIN)/python -m pytest -m fuzz_api -s tests/fuzz/test_api.py

faketime:  # Debian's package; without it the test of a clock that jumps is skipped, and says so
	@ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || ! command -v apt-get >/dev/null || { \
	  [ "$$(id -u)" = 0 ] && sudo= || sudo="sudo -n"; \
	  $$sudo apt-get update -qq && $$sudo apt-get install -qq -y --no-install-recommends faketime >/dev/null; } || true

chaos-short: install faketime  ## Kill its processes for a minute, as CI does
	$(BIN)/python -m pytest tests/chaos

chaos: install faketime  ## Kill everything two hundred times, and see that nothing is lost
	CHAOS_REPORT=$${CHAOS_REPORT:-chaos.json} $(BIN)/python -m pytest -m chaos tests/chaos

lint: install  ## Check style and layers
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/lint-imports

types: install  ## Check types
	$(BIN)/mypy

format: install  ## Put code into the house style
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: install  ## Measure the service, and write its part of docs/benchmarks.md
	$(BIN)/python -m bench

bench-edges: install  ## Measure what keys, limits and headers cost a request
	$(BIN)/python -m bench.edges

bench-peers:  ## Install the servers that bench-serving asks, each in a venv of its own: they conflict with each other
	for peer in bentoml litserve mlserver; do \
	  $(PYTHON) -m venv .bench/$$peer && .bench/$$peer/bin/python -m pip install --quiet $$peer numpy || exit 1; done

bench-serving: install  ## Measure predictions beside other servers; PEERS=pythons of venvs, by default those of bench-peers
	$(BIN)/python -m bench.serving $(foreach python,$(or $(PEERS),$(wildcard .bench/*/bin/python)),--peers-python $(python))

bench-training: install  ## Measure training beside others; PEERS=python of a venv with `pip install .[bench]`
	$(BIN)/python -m bench.training $(if $(PEERS),--peers-python $(PEERS))

bench-page: install browser  ## Measure the page in Chromium: its weight, when it can be used, frames a second
	$(BIN)/python -m bench.page

bench-scale: install  ## Measure a thousand watchers and a hundred thousand jobs, and write that part of docs/benchmarks.md
	$(BIN)/python -m bench.scale

load: install  ## Have sixteen clients predict, poll, create and watch for a minute; a failure, or a process that grows, is an error
	$(BIN)/python -m bench.mixed

lock: install  ## Choose the newest versions that fit, and pin them by hash
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra dev --no-header \
	  --upgrade pyproject.toml --output-file constraints.txt

clean:  ## Remove what these targets made
	rm -rf $(VENV) .coverage* .mypy_cache .pytest_cache .ruff_cache .import_linter_cache build dist *.egg-info
