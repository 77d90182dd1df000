PYTHON ?= python3
PORT ?= 8000
GATE_PORT ?= 8001
MLLP_PORT ?= 2575
DATA ?= .data
EMPTY ?=
TESTS ?=
DB ?= sqlite

.PHONY: run test lint bench clean

run:
	@$(PYTHON) scripts/launch.py run --port $(PORT) --gate-port $(GATE_PORT) --mllp-port $(MLLP_PORT) --data $(DATA) --empty "$(EMPTY)"

test:
	@$(PYTHON) scripts/launch.py test --tests "$(TESTS)" --db "$(DB)"

lint:
	@$(PYTHON) scripts/launch.py tools
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	cd frontend && npx --no-install eslint src tests budget.js offline.js && npx --no-install prettier --check src tests budget.js offline.js

bench:
	@$(PYTHON) scripts/launch.py tools
	@set -e; for file in $(wildcard benchmarks/*.py runtime/benchmarks/*.py); do echo "== $$file"; .venv/bin/python $$file; done

clean:
	rm -rf .venv .data .data-test test-results frontend/node_modules apps/medaffairs/public/frontend
