# Ringside: `make help` lists the targets.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help install deps-test build run rebuild-projection test lint format replay chaos loadtest loadtest-report sim fuzz fuzz-wire
.PHONY: golden conformance bench bench-compare bench-calibrate bench-counters bench-known-answers bench-record bench-report schemathesis hummingbot clean

# One copy of the dependencies' lock file marks that they are installed as it says.
STAMP := node_modules/.installed-lock.json

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: ## install the npm dependencies, when the lock file changed
	@cmp -s package-lock.json $(STAMP) || { npm ci --no-audit --no-fund && cp package-lock.json $(STAMP); }

deps-test: install ## install what only the tests need: a Redis server, Chromium and, where there is Python, its ccxt
	@tools/install-redis.sh
	@tools/install-chromium.sh
	@tools/install-ccxt-python.sh

build: install ## compile to dist/
	@rm -rf dist && node_modules/.bin/tsc -p tsconfig.json && node_modules/.bin/tsc -p loadtest/report/page

run: build ## build and start the exchange with its demo markets
	@RINGSIDE_DEMO=$${RINGSIDE_DEMO-1} exec node dist/server/main.js

rebuild-projection: build ## make the tables of a stopped venue anew from its journals, or ARGS=--from-snapshots
	@exec node dist/server/rebuild-projection.js $(ARGS)

test: deps-test build ## build and run every test
	@node --test --test-concurrency=2 --test-timeout=600000 $$(find dist -name '*.test.js' | sort)

lint: install ## check format, lint rules, import rule and types
	@node_modules/.bin/biome ci . && node_modules/.bin/tsc -p tsconfig.json --noEmit \
		&& node_modules/.bin/tsc -p loadtest/report/page --noEmit

format: install ## format and mend what can be mended
	@node_modules/.bin/biome check --write .

replay: build ## replay a recorded day: DAY=folder, optional SHARDS=n and ARGS
	@test -n "$(DAY)" || { echo 'make replay needs DAY=<folder of a recorded day>'; exit 2; }
	@exec node dist/loadtest/replay/main.js --day "$(DAY)" $(if $(SHARDS),--shards=$(SHARDS)) $(ARGS)

loadtest: build ## put a venue under load and report on it: optional SCENARIO=name, ARGS (--list, --help)
	@exec node dist/loadtest/main.js $(SCENARIO) $(ARGS)

chaos: build ## kill and starve a venue and audit it: MINUTES=n, optional SEED=n, KILLS=n, SHARDS=n and ARGS
	@exec node dist/loadtest/chaos/main.js $(if $(MINUTES),--minutes="$(MINUTES)") $(if $(SEED),--seed="$(SEED)") \
		$(if $(KILLS),--kills="$(KILLS)") $(if $(SHARDS),--shards="$(SHARDS)") $(ARGS)

loadtest-report: build ## draw a load test's report anew: RESULT=result.json OUT=report.html, optional OTHER=result.json laid over it
	@test -n "$(RESULT)" -a -n "$(OUT)" || { echo 'make loadtest-report needs RESULT=<result.json> and OUT=<report.html>'; exit 2; }
	@exec node dist/loadtest/report/main.js $(if $(OTHER),overlay "$(RESULT)" "$(OTHER)",render "$(RESULT)") --out "$(OUT)"

sim: build ## simulate an engine: SEED=n, optional COMMANDS=n, SHARDS=n, MODE=word (crash, …), HASH_EVERY=n
	@exec node dist/tools/simulate.js --seed="$(or $(SEED),1)" $(if $(COMMANDS),--commands="$(COMMANDS)") \
		$(if $(SHARDS),--shards="$(SHARDS)") $(if $(MODE),--mode="$(MODE)") $(if $(HASH_EVERY),--hash-every="$(HASH_EVERY)")

fuzz: build ## simulate seed after seed: MINUTES=n, optional SEED=n and KEEP_GOING=1
	@exec node dist/tools/fuzz.js --minutes="$(or $(MINUTES),1)" $(if $(SEED),--seed="$(SEED)") $(if $(KEEP_GOING),--keep-going)

fuzz-wire: build ## send a venue mutated requests in every wire format: MINUTES=n, optional SEED=n
	@exec node dist/loadtest/fuzz-wire/main.js --minutes="$(or $(MINUTES),1)" $(if $(SEED),--seed="$(SEED)")

schemathesis: build ## ask a venue what its OpenAPI document says, with schemathesis (needs python3, fails without): optional ARGS
	@tools/schemathesis/run.sh $(ARGS)

hummingbot: build ## trade with hummingbot's own connector (needs python3 and a C++ compiler, fails without; minutes at first)
	@tools/hummingbot/run.sh

golden: build ## write down what golden journals lead to: ARGS=--renew, or record new ones: ARGS=--record
	@exec node dist/tools/golden-journals.js $(ARGS)

conformance: build ## hash the report stream of a recorded flow: FILE=….csv.gz
	@exec node dist/tools/conformance.js "$(FILE)"

bench: build ## measure the engine and check its answers: ARGS=--list names the parts, --only, --quick
	@exec node dist/bench/main.js $(ARGS)

bench-compare: build ## find out whether a commit is slower: BASE=rev, optional HEAD=rev or CHANGES=1, BUDGET_MINUTES=n, ONLY=parts
	@exec node dist/bench/compare/main.js --base="$(BASE)" --head="$(HEAD)" $(if $(CHANGES),--with-changes) \
		--budget-minutes="$(BUDGET_MINUTES)" --only="$(ONLY)" --threshold="$(THRESHOLD)" --seed="$(SEED)"

bench-calibrate: build ## measure how noisy this machine is for bench-compare: optional BUDGET_MINUTES=n, ONLY=parts
	@exec node dist/bench/compare/calibrate.js --budget-minutes="$(BUDGET_MINUTES)" --only="$(ONLY)"

bench-counters: build ## hold bytes, events, rows and hashes of the gate's parts to the known ones: ARGS=--renew makes them known
	@exec node dist/bench/compare/counters.js --only="$(ONLY)" $(ARGS)

bench-known-answers: build ## hold bench-compare to commits made slower on purpose: BUDGET_MINUTES=n, optional RUNS=n
	@exec node dist/bench/known-answers/main.js --budget-minutes="$(BUDGET_MINUTES)" --runs="$(RUNS)" $(ARGS)

bench-record: build ## add a line to bench/history: of the gate's parts, or FROM=bench/results/latest.json
	@exec node dist/bench/history/record.js --from="$(FROM)" --only="$(ONLY)"

bench-report: build ## draw bench/history as one page
	@exec node dist/bench/history/report.js

clean: ## remove compiled files
	@rm -rf dist
