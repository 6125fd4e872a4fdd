# Nothing has to be done before `make up` or `make test`: both need Python 3.11 or later and make, no more.
# More words for pytest: make test ARGS='-k mail --seed 7'

SHELL = /bin/sh
VENV  = .venv
BIN   = $(VENV)/bin
STAMP = $(VENV)/.installed
ARGS  =
# How many processes share the tests (pytest-xdist), which wait a good deal: twice as many as a small machine has cores.
# 0 is none but this one, for a debugger or what tests print.
JOBS  = 4

# What Python has compiled is kept, whatever the environment says: every process of the tests would compile it anew.
unexport PYTHONDONTWRITEBYTECODE

# The first interpreter that is new enough and can make environments; say PYTHON=... to choose another.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3.14 python3; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

.DEFAULT_GOAL = help
.PHONY: help venv up system test storm year openapi check format bench screenshots lock clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

venv: $(STAMP) ## the virtual environment in .venv, every file checked by its hash

# uv only makes it quick (seconds instead of half a minute); where it can't be had or can't reach the packages, pip does the same.
$(STAMP): requirements-dev.txt requirements-uv.txt pyproject.toml contracts/pyproject.toml
	@test -n "$(PYTHON)" || { echo "Corong needs Python 3.11 or later with venv (on Debian: apt-get install python3-venv)" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt \
	 && $(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements-dev.txt \
	 || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e contracts -e .
	@touch $@

up: venv ## the whole hub, on 127.0.0.1:8080 (CORONG_PORT), its data in ./data (CORONG_DATA)
	@exec $(BIN)/corong up

system: ## the servers and programs that the tests talk to (Debian as root: installed; elsewhere: what is missing is told)
	@bash tests/system.sh

test: venv system ## every test but the bench; ARGS goes to pytest
	@$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

storm: venv system ## the kill storms: minutes long, on a machine that has nothing else to do
	@CORONG_STORM=1 $(BIN)/python -m pytest -s tests/faults $(ARGS)

year: venv ## a year of a regency in one run, held to the last case against the book that the simulated town kept
	@$(BIN)/python -m tests.simulation $(ARGS)

openapi: venv ## every operation of the API, 5,000 requests that fit and do not fit: no 5xx, no answer outside of the document
	@$(BIN)/python -m tests.openapi $(ARGS)

check: venv ## ruff, mypy --strict, and who may import whom
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: venv ## rewrites the code as `make check` wants it
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

bench: venv ## measures the hub against bare parts in the same run; a table with ratios
	@$(BIN)/python -m tests.bench $(ARGS)

screenshots: venv system ## pictures of every page, for the documents and for the eye
	@$(BIN)/python -m tests.browser.screenshots $(ARGS)

# Kept as they are where the *.in files still allow it; `make lock ARGS=--upgrade` takes the newest.
lock: venv ## the requirements*.txt anew from the requirements*.in
	@for name in requirements requirements-dev requirements-uv requirements-fuzz; do \
	  $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header --no-annotate $(ARGS) $$name.in --output-file $$name.txt >/dev/null || exit 1; done

clean: ## throws away everything that can be made again; never ./data
	@rm -rf $(VENV) .peers build dist contracts/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .fuzz
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
