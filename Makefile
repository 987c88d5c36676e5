# Ringside: `make help` lists the targets.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help install deps-test build run test lint format replay bench clean

# One copy of the dependencies' lock file marks that they are installed as it says.
STAMP := node_modules/.installed-lock.json

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: ## install the npm dependencies, when the lock file changed
	@cmp -s package-lock.json $(STAMP) || { npm ci --no-audit --no-fund && cp package-lock.json $(STAMP); }

deps-test: ## install what only the tests need: a Redis server
	@tools/install-redis.sh

build: install ## compile to dist/
	@rm -rf dist && node_modules/.bin/tsc -p tsconfig.json

run: build ## build and start the exchange with its demo markets
	@RINGSIDE_DEMO=$${RINGSIDE_DEMO-1} exec node dist/server/main.js

test: deps-test build ## build and run every test
	@node --test --test-concurrency=2 $$(find dist -name '*.test.js' | sort)

lint: install ## check format, lint rules, import rule and types
	@node_modules/.bin/biome ci . && node_modules/.bin/tsc -p tsconfig.json --noEmit

format: install ## format and mend what can be mended
	@node_modules/.bin/biome check --write .

replay: build ## replay a recorded day: DAY=folder, optional SHARDS=n and ARGS
	@test -n "$(DAY)" || { echo 'make replay needs DAY=<folder of a recorded day>'; exit 2; }
	@exec node dist/loadtest/replay/main.js --day "$(DAY)" $(if $(SHARDS),--shards $(SHARDS)) $(ARGS)

bench: build ## measure the engine and check its answers: ARGS=--list names the parts, --only, --quick
	@exec node dist/bench/main.js $(ARGS)

clean: ## remove compiled files
	@rm -rf dist
