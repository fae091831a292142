# Everything is set up in .venv; delete it to start afresh.
PYTHON ?= python3
UV := .venv/bin/uv
UV_VERSION := 0.13.9
export UV_PYTHON_DOWNLOADS := never

.PHONY: help run test faults check vulkan docs lock wheel clean

help:  ## Show what can be made.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: .venv/ready  ## Set everything up and open the dashboard; ARGS="…" for its options.
	@.venv/bin/digits-tui $(ARGS)

test: .venv/ready-dev vulkan check  ## Set everything up and run every test.
	.venv/bin/python -m pytest --numprocesses 2

faults: .venv/ready-dev vulkan  ## Try every fault as often as docs/reliability.md says.
	DIGITS_TUI_FAULTS=full .venv/bin/python -m pytest --numprocesses 2 tests/faults

check: .venv/ready-dev  ## Lint, format, types, import directions.
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/mypy --platform darwin --cache-dir .mypy_cache/darwin
	.venv/bin/mypy --platform win32 --cache-dir .mypy_cache/win32
	.venv/bin/lint-imports

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "digits-tui needs Python 3.11 or newer; name one with: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { \
	  echo "Python's venv module is missing; on Debian and Ubuntu: apt install python3-venv" >&2; rm -rf .venv; exit 1; }
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/ready: $(UV) pyproject.toml uv.lock
	@echo "Setting up .venv ..."
	@$(UV) sync --quiet --locked --inexact --no-dev
	@touch $@

.venv/ready-dev: $(UV) pyproject.toml uv.lock
	@echo "Setting up .venv with the tools for development ..."
	@$(UV) sync --quiet --locked --inexact
	@touch .venv/ready $@

# The tests run the compute shaders; where there is no graphics adapter, Mesa's software driver takes its place.
vulkan: .venv/ready-dev
	@if .venv/bin/digits-tui devices --json | grep -q '"wgpu"'; then :; \
	elif command -v apt-get >/dev/null; then \
	  echo "No Vulkan adapter here: installing Mesa's software driver ..."; \
	  $$([ "$$(id -u)" = 0 ] || echo sudo) sh -c 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq mesa-vulkan-drivers libvulkan1' >/dev/null \
	    || echo "It could not be installed; the tests of the compute shaders will be skipped." >&2; \
	else \
	  echo "No Vulkan adapter here; the tests of the compute shaders will be skipped. See the README for a driver." >&2; \
	fi

docs: .venv/ready-dev  ## Write the generated documentation: tables and pictures.
	.venv/bin/python docs/generate.py tables
	.venv/bin/python docs/generate.py pictures

lock: $(UV)  ## Renew uv.lock.
	$(UV) lock --upgrade

wheel: $(UV)  ## Build the wheel into dist/.
	$(UV) build --wheel

clean:  ## Remove the environment and everything built.
	rm -rf .venv dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
