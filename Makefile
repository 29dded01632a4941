# Every target sets itself up. The environment lives in .venv and follows requirements.lock and pyproject.toml.
# Needed beforehand: make, a network, and Python 3.11 or later (make PYTHON=python3.12 ... to choose one).

PYTHON ?= python3
UV_VERSION := 0.13.9
# Releases younger than this are left out of the lock, so that a bad one has time to be noticed.
LOCK_AGE ?= 7 days
# Trust the certificates this machine trusts: many hospital networks have their own authority.
export UV_SYSTEM_CERTS ?= true

VENV := .venv
BIN := $(VENV)/bin
UV := $(VENV)/.uv-$(UV_VERSION)
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-slow explore coverage check fix bench bench-cohort bench-text bench-literature bench-e2b bench-signals docs lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY) ## assess the example patient and write its report
	$(BIN)/stormwatch assess examples/blinatumomab-mas.json --instrument hscore --instrument hlh-2004 \
	    --instrument ohi --instrument crs-astct
	$(BIN)/stormwatch report examples/blinatumomab-mas.json -o example-report.html

test: $(READY) ## run the tests, but for the slow ones
	$(BIN)/pytest -q -m "not slow" -n auto --dist loadgroup

test-slow: $(READY) ## run the slow tests
	$(BIN)/pytest -q -m slow

explore: $(READY) ## look for counterexamples among new random examples
	HYPOTHESIS_PROFILE=dev $(BIN)/pytest -q -m "hypothesis and not slow" -n auto --dist loadgroup

coverage: $(READY) ## run the tests and list the branches they miss
	$(BIN)/coverage run -m pytest -q -m "not slow"
	$(BIN)/coverage report

check: $(READY) ## lint, formatting, types, and which room may import which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(READY) ## repair what the linter and the formatter can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) ## measure speed
	$(BIN)/python benchmarks/run.py

bench-cohort: $(READY) ## measure a run over 100,000 patients (STORMWATCH_BENCH_ACES: a Python that has es-aces)
	$(BIN)/python benchmarks/cohort.py .cache/bench --large

bench-text: $(READY) ## measure how well case reports are read
	$(BIN)/python benchmarks/text.py $(ARGS)

bench-literature: $(READY) ## measure the library of publications
	$(BIN)/python benchmarks/literature.py

bench-e2b: $(READY) ## measure reading, checking and writing E2B(R3)
	$(BIN)/python benchmarks/e2b.py

bench-signals: $(READY) ## measure signal detection (STORMWATCH_BENCH_PEER: a Python that has vigipy)
	$(BIN)/python benchmarks/signals.py 1e5 1e6 2e7

docs: $(READY) ## write the generated pages and build the manual into site/
	$(BIN)/python docs/generate.py
	$(BIN)/zensical build --clean --strict

lock: $(UV) ## write requirements.lock anew from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.11 \
	    --upgrade --exclude-newer "$(LOCK_AGE)" --generate-hashes --no-annotate \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	    --quiet --output-file requirements.lock

clean: ## remove the environment and everything built
	rm -rf $(VENV) site dist .coverage .hypothesis .cache .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed: make PYTHON=..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

$(READY): $(UV) requirements.lock pyproject.toml
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirements requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@
