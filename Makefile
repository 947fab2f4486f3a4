# The ways to run, test and look after Throughline.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

# Where the server listens and where the embedded engine keeps its data.
PORT ?= 8000
KB_DATA ?= .kb
export PORT KB_DATA

LOADS ?= loaders/xinjiang_2021 loaders/teaching_case

# The locks are complete: no other index, wheel folder or pip setting of the machine is needed.
PIP_INSTALL := .venv/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes --only-binary :all:
COMPILE := .venv/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-strip-extras --python-version 3.11 --universal

.PHONY: help demo graphiql test test-long coverage lint dev lock clean neo4j neo4j-demo browser notebook

help: ## these lines
	@sed -nE 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

# `.venv` is a folder and its time says nothing; the stamps say which locks were installed.
.venv: .venv/.runtime ## the Python packages that running needs

.venv/bin/python:
	@for p in $(PYTHON) python3.11 python3 python3.12 python3.13; do \
	  if "$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then found="$$p"; break; fi; \
	done; \
	if [ -z "$${found:-}" ]; then \
	  echo "Throughline needs Python 3.11, 3.12 or 3.13 and found none of them." >&2; \
	  echo "Install one (Debian: apt install python3 python3-venv), or say where it is: make PYTHON=/path/to/python3.11" >&2; exit 1; \
	fi; \
	if ! "$$found" -c 'import venv, ensurepip' 2>/dev/null; then \
	  echo "$$found cannot make a virtual environment: its venv or ensurepip module is missing." >&2; \
	  echo "Debian and Ubuntu: apt install python3-venv (or the one of your version, such as python3.11-venv)." >&2; exit 1; \
	fi; \
	echo "Making .venv with $$("$$found" --version)"; \
	"$$found" -m venv --clear .venv

.venv/.runtime: requirements.lock | .venv/bin/python
	@echo "Installing the packages that running needs (about 45 MB)"
	@$(PIP_INSTALL) -r requirements.lock
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.runtime
	@echo "Installing the packages that testing needs"
	@$(PIP_INSTALL) -r requirements-dev.lock
	@touch $@

.venv/.notebook: requirements-notebook.lock .venv/.dev
	@echo "Installing the packages that the notebook needs (about 250 MB on disk)"
	@$(PIP_INSTALL) -r requirements-notebook.lock
	@touch $@

dev: .venv/.dev ## the same and the tools that testing needs

demo: .venv/.runtime ## load the shipped cases and serve them on http://127.0.0.1:8000/
	@.venv/bin/python -m api.graphiql.build || \
	  echo "The query page and the drawings were not built; everything else works. Try again with: make graphiql" >&2
	@.venv/bin/python -m loaders run $(LOADS)
	@# Ctrl-C, and a stop signal to make, end the server in order and are no failure.
	@.venv/bin/python -m api & server=$$!; trap 'kill -TERM $$server 2>/dev/null; stopped=1' INT TERM HUP; \
	  wait $$server; status=$$?; [ -z "$${stopped:-}" ] || { wait $$server; exit 0; }; exit $$status

graphiql: .venv/.runtime ## build the GraphQL query page from its locked packages
	@.venv/bin/python -m api.graphiql.build --force

# Neo4j belongs to the tests: without Java 17 and Maven they run on the embedded engine alone, say so, and fail under CI=true.
test: lint ## everything that continuous integration runs
	@.venv/bin/python -m tests.neo4j_server --check >/dev/null
	@.venv/bin/python -m pytest -m "not long" -n 2 --dist loadfile
	@.venv/bin/python -m tests.neo4j_server --check

coverage: .venv/.dev ## the same tests with the lines that none of them runs; it takes longer
	@.venv/bin/python -m pytest -m "not long" -n 2 --dist loadfile --cov --cov-report=term

lint: .venv/.dev ## style, types, one-way imports
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/mypy
	@.venv/bin/basedpyright
	@.venv/bin/lint-imports

test-long: .venv/.notebook ## the tests that take minutes
	@.venv/bin/python -m pytest -m long -n 2 --dist loadfile

neo4j: .venv/.dev ## a real Neo4j Community from its Maven artifacts, until Ctrl-C
	@.venv/bin/python -m tests.neo4j_server

neo4j-demo: .venv/.dev ## the same with the shipped cases, Neo4j Browser and its guide; the data stay
	@.venv/bin/python -m tests.neo4j_demo

browser: .venv/.runtime ## Neo4j Browser over the data of `make demo`, read-only, on http://localhost:7480/ (needs Maven once)
	@.venv/bin/python -m api.browser

notebook: .venv/.notebook ## the notebook in JupyterLab, on the Neo4j that NEO4J_URI names
	@if [ -z "$${NEO4J_URI:-}" ]; then \
	  echo "The notebook needs a Neo4j: make neo4j-demo runs one and prints NEO4J_URI, NEO4J_USER and NEO4J_PASSWORD." >&2; exit 1; \
	fi
	@PYTHONPATH=$(CURDIR) .venv/bin/jupyter lab docs/notebook/amplification.ipynb

lock: .venv/.dev ## resolve the newest versions that requirements*.in and package.json allow
	@$(COMPILE) --upgrade requirements.in -o requirements.lock
	@$(COMPILE) --upgrade --constraint requirements.lock requirements-dev.in -o requirements-dev.lock
	@$(COMPILE) --upgrade --constraint requirements.lock requirements-parquet.in -o requirements-parquet.lock
	@$(COMPILE) --upgrade --constraint requirements-dev.lock requirements-bench.in -o requirements-bench.lock
	@$(COMPILE) --upgrade --constraint requirements-dev.lock requirements-notebook.in -o requirements-notebook.lock
	@$(COMPILE) --upgrade requirements-node.in -o requirements-node.lock
	@.venv/bin/python -m api.graphiql.build --lock

clean: ## remove what can be made again; the data in KB_DATA and .neo4j stay
	@rm -rf .venv api/graphiql/dist api/graphiql/dist.* .mypy_cache .ruff_cache .pytest_cache .hypothesis \
	  .import_linter_cache .coverage .coverage.* htmlcov
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
