# Two commands matter: `make run` and `make test`.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
# The CPU build; whatever else asks for torch then finds it installed and draws in no other.
TORCH := torch==2.13.0
LOCAL_SLACK_VERSION := 0.1.8
PLATFORM := $(shell uname -s | tr A-Z a-z)-$(shell uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
LOCAL_SLACK := $(VENV)/local-slack/node_modules/local-slack-$(PLATFORM)/bin/local-slack

# Modules are compiled when they are first imported, and that is kept, also where the environment
# says not to: pip would compile thousands that nothing imports, for two thirds of its time.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help run setup test test-all test-rest check messages bench manual screenshots clean

help:  ## Say what there is
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

run: setup  ## Start the bot: in Slack with tokens, on a local Slack without
	@$(BIN)/deja run

setup: $(VENV)/.installed $(LOCAL_SLACK)  ## Make .venv with everything in it

# Two levels (tests/levels.py): `test` holds every behaviour in a few minutes; `test-all` adds what
# it leaves out, above all the bot's tests on PostgreSQL. No test runs twice with the same examples.
# One process more than the two cores of a small machine: many tests wait for programs they start.
PYTEST := $(BIN)/python -m pytest -n 3 --dist loadgroup

test: setup  ## Test every behaviour
	@$(PYTEST)

test-all: test test-rest  ## Test everything on SQLite and on PostgreSQL

test-rest: setup
	@$(PYTEST) --level=rest

check: setup  ## Lint, types, layers, catalogues, sizes, migrations
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --cache-dir .cache/imports
	@$(BIN)/python -m bot.i18n check
	@$(BIN)/python -m tests.sizes
	@folder=$$(mktemp -d) && export DEJA_DATABASE_URL=sqlite:///$$folder/check.db && \
		$(BIN)/alembic -q upgrade head && $(BIN)/alembic check; status=$$?; rm -rf $$folder; exit $$status

messages: setup  ## Bring the catalogues of translations up to date with the code
	@$(BIN)/python -m bot.i18n update

bench: setup  ## Measure speed and quality; figures go into benchmarks/README.md by hand
	@$(BIN)/python -m benchmarks

manual: setup  ## Write the generated pages and pictures of docs/
	@$(BIN)/python -m docs.commands
	@$(BIN)/python -m docs.architecture
	@$(BIN)/python -m docs.env_example

screenshots: setup  ## Take the pictures in docs/ from the real bot
	@$(BIN)/python -m docs.screenshots

# What is kept is asked of the program, which goes with the rest.
clean:  ## Remove what setup made, and say what is left
	@data=$$($(BIN)/python -c 'from bot.settings import Settings; print(Settings.from_env().data_dir)' 2>/dev/null); \
		echo "Removing $(VENV) and .cache …"; rm -rf $(VENV) .cache; \
		if [ -d "$$data" ]; then \
			echo "Left: your data in $$data ($$(du -sh "$$data" | cut -f1)). To remove it as well: rm -r '$$data'"; \
		else echo "Left: no data folder$${data:+ (there is none at $$data)}."; fi; \
		test ! -f .env || echo "Left: .env, with your settings and tokens."; \
		echo "Left: what pip and npm keep of their downloads (pip cache purge, npm cache clean --force)."

# A line for each file that pip downloads, with its size, and for each long step after that.
PIP := set -o pipefail; $(BIN)/pip install --no-compile
PROGRESS := while read -r step file rest; do case "$$step $$file" in \
	"Downloading "*) echo "      $$file $$rest";; \
	"Installing collected") echo "      unpacking …";; \
	"Building wheel") [[ "$$rest" != *started ]] || { set -- $$rest; echo "      building $$2 …"; };; esac; done

# Every step of the installation names what is missing in one line.
$(VENV)/.installed: requirements.lock pyproject.toml
	@command -v python3 >/dev/null || { echo "Missing: python3 (3.11 or newer)." >&2; exit 1; }
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Missing: Python 3.11 or newer; this is $$(python3 -V)." >&2; exit 1; }
	@python3 -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "Missing: Python's venv module (Debian: apt install python3-venv)." >&2; exit 1; }
	@command -v c++ >/dev/null || command -v g++ >/dev/null || \
		{ echo "Missing: a C++ compiler (Debian: apt install g++); hnswlib is built with it." >&2; exit 1; }
	@echo "Installing into $(VENV): about 600 MB to download, 2.5 GB on disk. Where pip takes the"
	@echo "PyTorch for Nvidia cards, it is several times as much."
	@test -x $(BIN)/python || { echo "[1/5] Making $(VENV) …" && python3 -m venv $(VENV); }
	@echo "[2/5] PyTorch, the largest part …"
	@$(BIN)/python -c 'import torch' 2>/dev/null || { $(PIP) $(TORCH) | $(PROGRESS); }
	@echo "[3/5] Everything else, with the model …"
	@$(PIP) -r requirements.lock | $(PROGRESS)
	@echo "[4/5] Déjà itself …"
	@$(PIP) --no-deps -e . | $(PROGRESS)
	@touch $@

$(LOCAL_SLACK):
	@command -v npm >/dev/null || { echo "Missing: npm (Node.js); it brings the local Slack." >&2; exit 1; }
	@echo "[5/5] The local Slack (90 MB on disk) …"
	@mkdir -p $(VENV)/local-slack
	@npm install --silent --no-save --no-audit --no-fund --prefix $(VENV)/local-slack \
		local-slack-$(PLATFORM)@$(LOCAL_SLACK_VERSION)
