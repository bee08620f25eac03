# Every target sets up what it needs by itself: a virtual environment in .venv, programs in the user's cache folder.
.DEFAULT_GOAL := install
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

ROOT := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv/bin/python

# What runs long dies with make, however make is ended.
RUN := @cd '$(ROOT)' && exec $(VENV) -I -S deploy/local/launcher.py TERM $$PPID $(VENV)

.PHONY: install cluster-up cluster-down demo demo-down test lint types unit nightly cluster-tests e2e bench lock clean venv help

install: venv ## (the default) install CRDs, accounts and access rules onto the cluster of `make cluster-up`
	$(RUN) -m deploy.local install

cluster-up: venv ## start a local cluster that stays up, and say how to reach it
	@cd '$(ROOT)' && $(VENV) -m deploy.local up

cluster-down: venv ## stop the local cluster and remove its data
	@cd '$(ROOT)' && $(VENV) -m deploy.local down

demo: venv ## show the whole loop on a cluster of its own (KEEP=1 leaves it up)
	$(RUN) -m deploy.local.demo

demo-down: venv ## stop a demo that KEEP=1 left up
	@cd '$(ROOT)' && $(VENV) -m deploy.local.demo --down

test: venv ## lint, types, unit, cluster and end-to-end tests: what has to pass
	$(RUN) -m deploy.local.tiers lint types unit cluster e2e

lint: venv ## ruff (rules and format) and the import contracts
	$(RUN) -m deploy.local.tiers lint

types: venv ## mypy, strict
	$(RUN) -m deploy.local.tiers types

unit: venv ## tests that need no cluster (ARGS= for pytest)
	$(RUN) -m deploy.local.tiers unit -- $(ARGS)

nightly: venv ## what takes longer: a million random steps of the grant protocol, larger searches (ARGS= for pytest)
	$(RUN) -m deploy.local.tiers nightly -- $(ARGS)

cluster-tests: venv ## tests on a real control plane (ARGS= for pytest)
	$(RUN) -m deploy.local.tiers cluster -- $(ARGS)

e2e: venv ## tests of the four binaries together (ARGS= for pytest)
	$(RUN) -m deploy.local.tiers e2e -- $(ARGS)

bench: venv ## run a benchmark: make bench NAME=sync ARGS='--json out.json' (no NAME: list them)
	$(RUN) -m benchmarks $(if $(NAME),$(NAME) $(ARGS),--list)

lock: venv ## resolve the requirements again and write requirements/*.txt
	@cd '$(ROOT)' && $(VENV) deploy/local/lock.py

clean: ## remove what was made in this folder (the user's cache of programs stays)
	@cd '$(ROOT)' && if [ -x $(VENV) ]; then $(VENV) -m deploy.local down; fi
	@cd '$(ROOT)' && rm -rf build .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	@cd '$(ROOT)' && find . -name __pycache__ -type d -prune -exec rm -rf {} +

venv: # the virtual environment, as locked in requirements/dev.txt
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed and none is on PATH: install it, or name it with PYTHON=' >&2; exit 1; }
	@cd '$(ROOT)' && $(PYTHON) deploy/local/setup_venv.py

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' '$(ROOT)Makefile' | sed -E 's/^([a-z0-9-]+):[^#]*## /\1\t/' | awk -F'\t' '{printf "  %-14s %s\n", $$1, $$2}'
