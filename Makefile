# `make appraise` and `make test` work on a bare machine with Python 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin
RUNTIME := .venv/.runtime
DEV := .venv/.dev
EXPLORER := .venv/.explorer
BENCH := .venv/.bench
LOCK := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes \
	--strip-extras --allow-unsafe --no-emit-index-url --no-emit-trusted-host \
	--no-emit-find-links --no-emit-options pyproject.toml

.PHONY: help install appraise test test-all lint format docs serve bench scorecard lock clean
.DEFAULT_GOAL := help

help:  ## list the targets
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(RUNTIME): requirements/runtime.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/runtime.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): $(RUNTIME) requirements/dev.txt
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

$(EXPLORER): $(RUNTIME) requirements/explorer.txt
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/explorer.txt
	@touch $@

$(BENCH): $(DEV) requirements/bench.txt
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/bench.txt
	@touch $@

install: $(DEV)  ## make .venv with everything needed to run and to develop

appraise: $(RUNTIME)  ## judge every claim of the article and write the report
	$(BIN)/speciosa appraise

serve: $(EXPLORER)  ## open the explorer in a browser on this machine
	$(BIN)/speciosa serve

test: $(DEV)  ## unit, law, paper and golden tests, and every fast example
	$(BIN)/python -m pytest -n 2

test-all: $(DEV)  ## the same and the slow tests
	$(BIN)/python -m pytest -n 2 -m "slow or not slow"

lint: $(DEV)  ## style, types and the walls between the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(DEV)  ## put the source in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(DEV)  ## build the documentation into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: $(BENCH)  ## measure speed beside other solvers, with the error bound held
	$(BIN)/python benchmarks/run.py --json benchmarks/results.json

scorecard: $(DEV)  ## write the scorecard and the solver checks that ship
	$(BIN)/python benchmarks/scorecard.py
	$(BIN)/python benchmarks/solver_checks.py

lock: $(DEV)  ## pin and hash the requirements anew
	$(LOCK) --upgrade --all-build-deps --output-file requirements/runtime.txt
	$(LOCK) --upgrade --extra explorer --constraint requirements/runtime.txt --output-file requirements/explorer.txt
	$(LOCK) --upgrade --extra dev --constraint requirements/explorer.txt --output-file requirements/dev.txt
	$(LOCK) --upgrade --extra bench --constraint requirements/dev.txt --output-file requirements/bench.txt

clean:  ## remove the environment and what was built
	rm -rf .venv build dist site src/*.egg-info .mypy_cache .pytest_cache .ruff_cache
