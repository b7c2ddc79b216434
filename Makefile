# Kommunal PRO. `make` lists what can be done; every target sets up what it needs first.
.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test soak coverage fuzz mutants check fix bench bench-large docs lock
SHELL := /bin/bash
PORT ?= 8000
kind ?=
room ?=
export PYTHONUTF8 := 1

SET_UP = python=$$(sh scripts/check_machine.sh) && "$$python" scripts/set_up.py
IN = .venv/bin

help:
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | awk -F '\t' '{ printf "  make %-12s %s\n", $$1, $$2 }'

demo: ## run everything on this machine with demo data: http://127.0.0.1:8000 (PORT=9000 changes it)
	@$(SET_UP) runtime
	@exec $(IN)/kommunalpro demo --serve --port $(PORT)

demo-reset: ## throw the demo's database and keys away; the next `make demo` starts afresh
	@rm -rf var/kommunalpro.sqlite3* var/keys var/clock
	@echo "The demo is empty. Fill it again: make demo"

test: ## run every suite (kind=spec|unit|store|gateway|conformance|system picks one)
	@$(SET_UP) development
	@$(IN)/python scripts/debian_packages.py
	@$(IN)/python scripts/with_postgres.py --fast $(IN)/python scripts/run_suites.py $(kind)

soak: ## kill the server and its database 50 times while others write, and look whether anything is lost
	@$(SET_UP) development
	@$(IN)/python scripts/debian_packages.py postgresql
	@$(IN)/python -m tests.soak

coverage: ## see that the engine's own tests go through every branch of it
	@$(SET_UP) development
	@$(IN)/python -m pytest -q -n auto --cov=kommunalpro.pro --cov-branch --cov-fail-under=100 --cov-report=term-missing:skip-covered tests/spec tests/unit/pro

fuzz: ## send the engine responses that a fuzzer makes up (seconds=60)
	@$(SET_UP) development
	@$(IN)/python -m tests.fuzz $(or $(seconds),60)

mutants: ## change the code of scores and lights in every small way, and see whether a test notices
	@$(SET_UP) development
	@$(IN)/python scripts/mutants.py

check: ## lint, format, types, rooms, templates, migrations, lock files
	@$(SET_UP) development
	@$(IN)/python scripts/check.py

fix: ## mend what ruff can mend
	@$(SET_UP) development
	@$(IN)/ruff check --fix .
	@$(IN)/ruff format .

bench: ## measure (room=fut picks one), on SQLite and on a PostgreSQL of its own
	@$(SET_UP) development
	@$(IN)/python scripts/debian_packages.py postgresql
	@$(IN)/python scripts/with_postgres.py $(IN)/python scripts/run_bench.py $(room)

bench-large: ## measure with a million responses in a PostgreSQL of its own (a quarter of an hour, 10 GB)
	@$(SET_UP) development
	@$(IN)/python scripts/debian_packages.py postgresql
	@$(IN)/python scripts/with_postgres.py --roomy $(IN)/python -m bench.large

docs: ## write docs/reference and the SOUP list anew from the code
	@$(SET_UP) development
	@$(IN)/python scripts/build_docs.py

lock: ## compile requirements/*.txt and package-lock.json anew from what is asked for
	@$(SET_UP) development
	@$(IN)/python scripts/lock.py
