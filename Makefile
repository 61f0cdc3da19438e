# The few commands it takes. Everything else is `.venv/bin/fruitstore --help`.
# Options go in ARGS: make up ARGS="--port 9000 --fresh", make test ARGS="tests/compose -x"

BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile pyproject.toml compose/build.in --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --no-config --quiet

.DEFAULT_GOAL := help
.PHONY: help up test drills bench bench-compare check lock clean

help: ## Say what there is
	@sed -n 's/^\([a-z-]*\): .*## /  make \1\t/p' Makefile

up: ## Run everything here, in the foreground: mongod, RabbitMQ, four services, the BFF
	@sh compose/setup
	@exec $(BIN)/fruitstore up $(ARGS)

test: ## Run the whole test suite
	@sh compose/setup dev
	@$(BIN)/fruitstore install --for-tests
	@exec $(BIN)/pytest $(ARGS)

drills: ## Break everything under 10,000 orders, and see whether customers were told the truth (takes a while)
	@sh compose/setup dev
	@$(BIN)/fruitstore install
	@exec $(BIN)/python -m tests.drills $(ARGS)

bench: ## Measure the gateway beside its peers, on Node and in Python, in one interleaved run
	@sh compose/setup dev
	@$(BIN)/fruitstore install --for-tests
	@exec $(BIN)/python -m tests.bench $(ARGS)

bench-compare: ## Compare the last two runs that were kept (make bench ARGS=--keep)
	@sh compose/setup dev
	@exec $(BIN)/python -m tests.bench --compare

check: ## Read the code: lint, format, types, who may import whom, whether the exports are true and break nobody
	@sh compose/setup dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/fruitstore schema export --check
	$(BIN)/fruitstore schema compare

lock: ## Resolve the dependencies anew into compose/requirements*.txt
	@sh compose/setup dev
	$(COMPILE) --upgrade --extra local --output-file compose/requirements.txt
	$(COMPILE) --upgrade --extra local --extra dev --constraint compose/requirements.txt --output-file compose/requirements-dev.txt
	$(COMPILE) --constraint compose/requirements.txt --output-file compose/requirements-image.txt

clean: ## Delete .venv and caches; data stay in .fruitstore (make up ARGS=--fresh forgets them)
	rm -rf .venv tests/clients/node_modules bff/web/node_modules bff/web/dist bff/web/src/gql build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
