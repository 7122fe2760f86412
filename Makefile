# `make pipeline` and `make test` need only Python 3.11 or newer: each creates .venv on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
WORKERS ?= 2
PACKAGE ?= *

.DEFAULT_GOAL := help
.PHONY: help pipeline test coverage lint check format docs bench mutants clean

help:  ## Show this list
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

pipeline: $(INSTALLED)  ## Set up, then run the whole pipeline (ARGS="..." adds options)
	$(BIN)/phish run-all $(ARGS)

test: $(INSTALLED)  ## Set up, then run the tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

coverage: $(INSTALLED)  ## Run the tests with coverage, which takes twice as long
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --cov --cov-report=term

lint: $(INSTALLED)  ## Check lint, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: lint test  ## Run all checks: lint, formatting, types and tests

format: $(INSTALLED)  ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(INSTALLED)  ## Regenerate docs/cli.md, docs/models.md and docs/audit.md
	$(BIN)/python docs/generate.py

bench: $(INSTALLED)  ## Measure speed and memory against baselines
	$(BIN)/python -m benchmarks

mutants: $(INSTALLED)  ## Mutation testing of one package (PACKAGE=evaluation)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[mutants]"
	$(BIN)/mutmut run "phishcli.$(PACKAGE).*"
	$(BIN)/mutmut results

clean:  ## Remove everything that runs and tools generate, except .venv
	find .cache results -mindepth 1 ! -name .gitignore -delete
	rm -rf build dist mutants *.egg-info .coverage .coverage.* htmlcov .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find phishcli tests benchmarks -name __pycache__ -prune -exec rm -rf {} +

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	@touch $@
