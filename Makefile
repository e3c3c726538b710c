# Every target sets up the virtual environment it needs; nothing but Python, make and git is asked for.
PYTHON ?= python3
BIN := .venv/bin
UV := 0.13.8
# three for two cores: the tests of servers and of killed processes mostly wait
WORKERS := -n 3 --dist loadfile --no-loadscope-reorder

# MkDocs Material advertises a successor on every build; the pinned version stays.
export NO_MKDOCS_2_WARNING := 1

.PHONY: help run serve demo test quick check types rules sbom docs lock clean

help:                   ## list these targets
	@sed -n 's/^\([a-z]*\):[^#]*## /\1	/p' Makefile | awk -F '\t' '{printf "make %-7s %s\n", $$1, $$2}'

run: .venv/ready        ## run one monitoring cycle, with alerts in the terminal
	@$(BIN)/brinkwatch run

serve: .venv/ready      ## run all scheduled deployments in one process
	@$(BIN)/brinkwatch serve

demo: .venv/ready       ## replay twelve days of invented news in a minute, without a network, with a score
	@$(BIN)/brinkwatch demo

test: .venv/ready       ## run the whole test suite; on CI with coverage
	$(BIN)/python -m pytest $(WORKERS) $(if $(CI),--cov --cov-report=term:skip-covered)

quick: .venv/ready      ## run the tests that start no server and kill no process
	$(BIN)/python -m pytest $(WORKERS) -m "not slow"

check: types rules      ## check everything but the tests

types: .venv/ready      ## check types
	$(BIN)/mypy

rules: .venv/ready      ## check style, imports, dependencies, lexicons, container files and the docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/vulture
	$(BIN)/deptry .
	$(BIN)/brinkwatch lexicon check
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.citation-file-format CITATION.cff
	$(BIN)/pre-commit validate-config
	$(BIN)/mkdocs build --strict --quiet

# The lock file is all that an image installs, tools of development included, so all of it is listed.
sbom: .venv/ready       ## list every package of requirements.lock with its hashes in sbom.cdx.json (CycloneDX)
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --validate \
	  -o sbom.cdx.json requirements.lock

docs: .venv/ready       ## write the generated pages anew and build the site into site/
	$(BIN)/python docs/generate.py
	$(BIN)/mkdocs build --strict

# Of the extras not train: it would bring torch, which is larger than everything else together.
lock:                   ## renew requirements.lock from pyproject.toml: hashes, no addresses
	$(BIN)/uv --system-certs pip compile --quiet --universal --python-version 3.11 --extra dev --extra notebook --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header pyproject.toml -o requirements.lock

.venv/ready: requirements.lock pyproject.toml
	@echo "Setting up .venv (about a minute, once) …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip --quiet --disable-pip-version-check install "uv==$(UV)"
	@$(BIN)/uv --system-certs pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv --system-certs pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch .venv/ready

clean:                  ## remove the virtual environment, the site and all caches
	rm -rf .venv site sbom.cdx.json .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
