# Two commands need nothing but Python 3.11 to 3.13 and make: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-peers
HOME_FOLDER ?= data
STAMP := $(VENV)/.installed
# Compiled modules halve the time of every start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test test-long setup ui lint bench bench-experiments bench-peers calibrate pictures lock clean

help:  ## Show the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "%-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup  ## Make the sample product if there is none, and run the pipeline on it
	@test -e $(HOME_FOLDER)/product.yml || $(BIN)/pm-pipeline demo --home $(HOME_FOLDER)
	@$(BIN)/pm-pipeline run --home $(HOME_FOLDER)

test: setup  ## Run the test suite
	@$(BIN)/python -m pytest -n auto --dist loadscope --no-loadscope-reorder -m "not long"

test-long: setup  ## Run everything, minutes long tests included
	@$(BIN)/python -m pytest

setup: $(STAMP)  ## Make .venv with the locked dependencies

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || \
		{ echo "Python 3.11, 3.12 or 3.13 is needed; try: make PYTHON=python3.12 run"; exit 3; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing the locked dependencies into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

ui: setup  ## Open the Dagster UI on the home
	@$(BIN)/pm-pipeline ui --home $(HOME_FOLDER)

lint: setup  ## ruff, sqlfluff, mypy
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/sqlfluff lint --disable-progress-bar --processes 0 dbt_project/models dbt_project/tests
	@$(BIN)/python -m mypy

bench: setup  ## Measure speed and memory as ratios to a raw scan
	@$(BIN)/python -m benchmarks

bench-experiments: setup  ## Measure 50 experiments: their SQL in raw scans, their Python per result
	@$(BIN)/python -m benchmarks --experiments 50 --users 1000000

bench-peers: setup  ## Compare with ClickHouse and polars on the same events
	@test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check \
		$$($(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["peers"])')
	@$(BIN)/python -m benchmarks.peers --python $(PEERS)/bin/python

pictures: setup  ## Take the pictures of docs/ from the report of a published demo
	@$(BIN)/python -m benchmarks.pictures --home $(HOME_FOLDER)

calibrate: setup  ## Check by simulation what the statistics of experiments promise (some minutes)
	@$(BIN)/python -m benchmarks.calibration

lock: setup  ## Lock the newest allowed dependencies, with hashes and without a host
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-strip-extras \
		--python-version 3.11 --extra dev pyproject.toml --output-file requirements.lock

clean:  ## Remove the environment and every tool's leavings; homes are left alone
	@rm -rf $(VENV) $(PEERS) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@rm -rf benchmarks/.work dbt_project/target dbt_project/logs
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
