# Needs Debian 12 (or the like) with python3 (3.11 or later), git and make. Everything else is installed into .venv.
PYTHON ?= python3
VENV   := .venv
RUN    := $(VENV)/bin/python
MARKS  ?= not slow and not nightly
NAME_SERVERS := bind9 bind9-utils nsd unbound dnsdist

.DEFAULT_GOAL := help
.PHONY: help venv demo test check docs fix bench nightly browser name-servers python-venv

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile

venv: $(VENV)/stamp  ## make .venv from requirements.lock

$(VENV)/stamp: requirements.lock pyproject.toml | python-venv
	$(PYTHON) -m venv --clear $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	touch $@

python-venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed: make PYTHON=python3.11 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || .ci/debian-packages "python3 cannot make virtual environments" python3-venv

browser:
	@command -v chromium >/dev/null || .ci/debian-packages "the browser tests need chromium and will fail" chromium || true

name-servers:
	@PATH="$$PATH:/usr/sbin"; for tool in named nsd unbound dnsdist dnssec-signzone; do \
	  command -v $$tool >/dev/null || { .ci/debian-packages "the tests of DNS need name servers and will fail" $(NAME_SERVERS) || true; break; }; \
	done

demo: venv  ## audit the bundled example; the last line is the path of the report
	@$(RUN) -m ctm_audit demo

test: venv browser name-servers  ## run the tests; MARKS="not nightly" runs the slow ones too
	$(RUN) -m pytest -n auto --dist loadfile --no-loadscope-reorder -m "$(MARKS)"

check: venv  ## all that CI asks beside the tests
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports
	$(RUN) -m ctm_audit rules check
	$(RUN) -m ctm_audit.rulebook.docs --check
	@site=$$(mktemp -d); trap 'rm -rf "$$site"' EXIT; NO_MKDOCS_2_WARNING=1 $(VENV)/bin/mkdocs build --quiet --strict --site-dir "$$site"
	.ci/installed-wheel $(RUN)

docs: venv  ## build the documentation as a site, in out/docs
	NO_MKDOCS_2_WARNING=1 $(VENV)/bin/mkdocs build --quiet --strict
	@echo out/docs/index.html

fix: venv  ## repair what ruff can repair
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .

bench: venv  ## measure the audit and the import on generated tenants
	$(RUN) bench/run.py
	$(RUN) bench/imports.py

nightly: venv browser name-servers  ## every test there is, and the benchmark
	CTM_AUDIT_NIGHTLY=1 $(RUN) -m pytest -n auto --dist loadfile --no-loadscope-reorder -m ""
	$(RUN) bench/run.py
	$(RUN) bench/imports.py
