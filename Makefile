# Everything a newcomer needs: `make caption` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: help caption window test lint check wheel-check bench model screenshots translations clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/.installed: setup.cfg pyproject.toml
	@sh .ci/system-libraries
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[test,check]'
	@touch $@

caption: $(VENV)/.installed ## Set up, then caption the sample photographs and draw where the model looked
	$(BIN)/captioner caption resources/samples --attention captions --overwrite
	@echo "Attention figures are in $(CURDIR)/captions"

window: $(VENV)/.installed ## Set up, then open the window
	$(BIN)/captioner gui

# Those that start processes of their own, and are counted by the clock, come after the others.
APART := tests/end_to_end tests/faults

test: $(VENV)/.installed ## Run the tests
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile $(APART:%=--ignore=%)
	$(BIN)/python -m pytest $(APART)

lint: $(VENV)/.installed ## Lint, format, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test ## Everything that a change must pass

wheel-check: ## Build the wheel and caption a photograph with it in an empty environment
	@sh .ci/system-libraries
	PYTHON=$(PYTHON) sh .ci/wheel-check

bench: $(VENV)/.installed ## Print speed and memory on this machine
	$(BIN)/python benchmarks/captioning.py
	$(BIN)/python benchmarks/window.py
	$(BIN)/python benchmarks/training.py

model: $(VENV)/.installed ## Make the bundled model again: make model FLICKR8K=... ENCODER=...
	$(BIN)/python recipes/make_bundled_model.py --flickr8k '$(FLICKR8K)' --encoder '$(ENCODER)'

screenshots: $(VENV)/.installed ## Make the screenshots of the README again
	$(BIN)/python docs/make_screenshots.py

translations: $(VENV)/.installed ## Collect the texts of the window for translation, and compile what is translated
	$(BIN)/python recipes/update_translations.py

clean: ## Remove what was made here
	rm -rf $(VENV) build dist captions *.egg-info
