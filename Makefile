# Every target sets up the virtual environment it needs; nothing but Python, make and git is asked for.
PYTHON ?= python3
BIN := .venv/bin
UV := 0.13.8
WORKERS := -n 2 --dist loadgroup

.PHONY: run serve demo test quick check lock clean

run: .venv/ready        ## one monitoring cycle, alerts in the terminal
	@$(BIN)/brinkwatch run

serve: .venv/ready      ## all scheduled deployments in one process
	@$(BIN)/brinkwatch serve

demo: .venv/ready       ## a month of invented news, without network, into the terminal
	@$(BIN)/brinkwatch demo

test: .venv/ready       ## the whole test suite; on CI with its coverage
	$(BIN)/python -m pytest $(WORKERS) $(if $(CI),--cov --cov-report=term:skip-covered)

quick: .venv/ready      ## the tests that start no server and kill no process
	$(BIN)/python -m pytest $(WORKERS) -m "not slow"

check: .venv/ready      ## style, types, import directions, lexicons
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock:                   ## renew requirements.lock from pyproject.toml: hashes, no addresses
	$(BIN)/uv --system-certs pip compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes --no-emit-index-url \
	  --no-annotate --no-header pyproject.toml -o requirements.lock

.venv/ready: requirements.lock pyproject.toml
	@echo "Setting up .venv (about a minute, once) …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip --quiet --disable-pip-version-check install "uv==$(UV)"
	@$(BIN)/uv --system-certs pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv --system-certs pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch .venv/ready

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
