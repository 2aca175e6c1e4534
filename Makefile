# Everything a person or a machine runs here. The first target that needs Python makes .venv; later runs find it ready.

SHELL := /bin/sh
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help
PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check install -c constraints.txt
NEEDS := pyproject.toml constraints.txt
MADE := .venv/.made
TOGETHER := -n 2 --dist loadfile --no-loadscope-reorder
DEMO := .venv/.installed-demo
DEV := .venv/.installed-dev

.PHONY: help demo test lint check format hooks model model-small samples foreign docs picture screenshots clean

help:  ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

demo: $(DEMO)  ## install, start everything on this machine, read samples/ and print what is in them
	@.venv/bin/folioscope demo

test: $(DEV)  ## install what the tests need and run them all; pass options with ARGS="-k ledger"
	@OMP_NUM_THREADS=1 $(PY) -m pytest $(TOGETHER) $(ARGS)

lint: $(DEV)  ## lint, format, types, import contracts; changes nothing
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	.venv/bin/lint-imports --no-cache

check: lint test  ## all that CI runs

format: $(DEV)  ## set the code right where a tool can
	$(PY) -m ruff check --fix
	$(PY) -m ruff format

hooks: $(DEV)  ## lint before every commit
	$(PIP) -q pre-commit
	.venv/bin/pre-commit install

model: $(DEV)  ## train the bundled model again from nothing; hours on a CPU
	$(PY) -m training.make --config training/configs/release.toml

model-small: $(DEV)  ## the same path in about five minutes, to runs/small/: shows that it works, reads nothing
	$(PY) -m training.make --config training/configs/small.toml

samples: $(DEV)  ## render samples/ and their truth again
	$(PY) -m samples.make

foreign: $(DEV)  ## print the foreign pages again, with WeasyPrint, LibreOffice and LaTeX (apt names: tests/data/foreign)
	$(PIP) -q -e '.[foreign]'
	$(PY) -m training.foreign

docs: $(DEV)  ## write the reference tables from the code
	$(PY) -m docs.tables

picture: $(DEV)  ## draw the README's picture again
	$(PY) -m docs.picture

screenshots: $(DEV)  ## take the pictures of the web page again, with the machine's Chromium
	$(PY) -m docs.screenshots

clean:  ## remove .venv and all caches; data in .folioscope stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build *.egg-info

# The first Python of at least 3.11 that can make environments: PYTHON if given, else what is on PATH.
$(MADE):
	@for python in $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14 python; do \
	  "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  echo "Making .venv with $$("$$python" --version) ($$(command -v "$$python"))."; \
	  "$$python" -m venv .venv && touch $@ && exit 0; \
	  exit 1; \
	done; \
	echo "Folioscope needs Python 3.11 or newer with its venv module; found: $$(python3 --version 2>&1 || true)." >&2; \
	echo "On Debian or Ubuntu: apt install python3 python3-venv. Or name one: make PYTHON=/path/to/python3.12 ..." >&2; \
	exit 1

$(DEMO): $(MADE) $(NEEDS)
	@echo "Installing Folioscope with torch into .venv: about 1.5 GB, one to three minutes."
	$(PIP) -e '.[api,worker,embedded,measure]'
	@touch $@

$(DEV): $(MADE) $(NEEDS)
	@echo "Installing Folioscope and all that its tests need into .venv: about 1.8 GB, two to four minutes."
	$(PIP) -e '.[all,dev]'
	@touch $(DEMO) $@
