# Two words start everything: `make run`. What each needs first is made by scripts/setup.py.

PYTHON ?= python3
SETUP := $(PYTHON) scripts/setup.py
PY := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help run test check ready-python ready-client bench bench-users bench-sockets bench-small bench-search fuzz chaos bad-input mutants dev dev-server dev-web screens api wheel sbom audit clean need-python

help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: need-python ## run the demo hospital on http://127.0.0.1:8000 (PORT=… elsewhere)
	@$(SETUP) run web
	@exec $(PY) -m arogya demo

test: export PYTHONDONTWRITEBYTECODE = # the tests start the program again and again
test: need-python ## run every test: web, Python, database, browser
	@$(MAKE) --no-print-directory -j2 ready-python ready-client
	@$(SETUP) wheel
	@exec $(PY) -m pytest -n 3 --dist worksteal

ready-python:
	@$(SETUP) dev browser

ready-client:
	@$(SETUP) node_modules web

check: need-python ## format, lint, types, imports, generated client
	@$(SETUP) dev node_modules
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	cd web && npm run --silent check
	$(PY) scripts/openapi.py --check
	cd web && npm run --silent api -- --check

BENCH ?= bench bench.users bench.sockets bench.search bench.restore bench.small_machine bench.fresh

bench: need-python ## measure all that has a bar, print the table, write bench/results.json (an hour; BENCH=bench: minutes)
	@$(SETUP) dev web
	@missed=0; for part in $(BENCH) bench.table; do $(PY) -m $$part || missed=1; done; exit $$missed

bench-users: need-python ## measure 50, 200 and 500 people at work, and three times more than can be answered
	@$(SETUP) dev web
	@exec $(PY) -m bench.users

bench-sockets: need-python ## measure from a commit to 500 open screens, over two server processes
	@$(SETUP) dev web
	@exec $(PY) -m bench.sockets

bench-small: need-python ## do a day's work inside 512 MB
	@$(SETUP) dev web
	@exec $(PY) -m bench.small_machine

bench-search: need-python ## measure the search among a million patients (makes them first: some minutes, 4 GB)
	@$(SETUP) dev web
	@exec $(PY) -m bench.search

fuzz: need-python ## try the API with 20,000 cases made from its description, as each role (some ten minutes)
	@$(SETUP) dev
	@exec $(PY) -m tests.fuzz

bad-input: need-python ## send every operation every body that none may take (some minutes)
	@$(SETUP) dev
	@AROGYA_WHOLE_CORPUS=1 exec $(PY) -m pytest -n 0 -q -s tests/bad_input

mutants: need-python ## plant a fault in every guard, one at a time, and write docs/mutants.md (half an hour)
	@$(SETUP) dev
	@exec $(PY) -m tests.access

chaos: need-python ## kill, cut, stop, fill and starve it for long, and write docs/reliability.md (half an hour)
	@$(SETUP) dev
	@exec $(PY) -m tests.chaos

dev: need-python ## run the demo for developers: both halves start again when a file changes
	@$(SETUP) dev node_modules
	@exec $(MAKE) --no-print-directory -j2 dev-server dev-web

dev-server:
	@exec $(PY) -m arogya demo --reload

dev-web:
	@cd web && exec npm run --silent dev

screens: need-python ## picture every screen into docs/screens, from a demo of its own (URL=… of one that runs)
	@$(SETUP) dev browser web
	@exec $(PY) -m tests.journeys.screens $(URL)

api: need-python ## describe the API again for the web client
	@$(SETUP) dev node_modules
	$(PY) scripts/openapi.py
	cd web && npm run --silent api

wheel: need-python ## build dist/arogya-*.whl, the web client inside
	@$(SETUP) dev web wheel

sbom: need-python ## list every part, its licence and hashes, in dist/arogya.cdx.json (CycloneDX)
	@$(SETUP) dev
	@exec $(PY) scripts/sbom.py

audit: need-python ## ask for known weaknesses of every part; says so where it can't ask (STRICT=--strict: fails then)
	@$(SETUP) dev
	@exec $(PY) scripts/audit.py $(STRICT)

clean: ## remove what make made; the data in var/ stays
	rm -rf .venv dist arogya/_web web/node_modules test-results
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find arogya tests bench scripts -name __pycache__ -type d -prune -exec rm -rf {} +

need-python:
	@command -v $(PYTHON) >/dev/null || { echo "arogya: Python 3.11 or newer is needed: install python3."; exit 1; }
