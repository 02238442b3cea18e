# tlsauto. `make` alone lists what there is.
SHELL := /bin/bash
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help install manifests docs image build build-all stack demo up down test unit unit-1 unit-2 lint format bench faults clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{ printf "  make %-9s %s\n", $$1, $$2 }'

node_modules/.package-lock.json: package.json package-lock.json
	@NODE_EXTRA_CA_CERTS='$(NODE_EXTRA_CA_CERTS)' npm ci --no-fund --no-audit --loglevel=error
	@touch $@

install: node_modules/.package-lock.json ## install what package.json names

lint: install ## types, lint rules and format, at zero warnings
	tsc
	oxlint --type-aware --deny-warnings
	oxfmt --check

format: install ## format every file
	oxfmt

unit: install ## the tests that need no cluster, in seconds
	@$(MAKE) --no-print-directory --jobs=2 --output-sync unit-1 unit-2

# Half of them each: a process of its own for every file would take longer to start than to run. What Node.js has
# compiled is kept for the next time.
unit-1 unit-2: export NODE_COMPILE_CACHE := $(CURDIR)/.tlsauto/compiled
unit-1 unit-2:
	@node --test --test-isolation=none --test-shard=$(@:unit-%=%)/2 'test/*.test.ts' 'test/unit/**/*.test.ts'

demo: install ## see it work, on a real cluster on this machine (the first time about 15 minutes)
	@node test/demo/demo.ts

up: install ## the demo's cluster in the background, to try things out
	@node test/stack/up.ts

down: install ## end what `make up` started
	@node test/stack/down.ts

test: lint build stack ## everything: unit, property, differential, integration, end to end
	TLSAUTO_HOSTILE_TEXTS=5000 $(MAKE) --no-print-directory unit
	timeout 55m node --test --test-concurrency=1 'test/differential/*.test.ts' 'test/integration/*.test.ts' 'test/faults/*.test.ts' 'test/e2e/*.test.ts' 'test/attack/*.test.ts'

bench: build stack ## measure: a table, and .tlsauto/bench.json (ONLY=name for one)
	@node test/bench/bench.ts

faults: install stack ## disturb every write and event of every scenario, for an hour or two; goes on where it stopped (PLAN=name or seed for one)
	@node test/faults/faults.ts

stack: install ## build the real cluster's parts into the cache (once)
	@node test/stack/build.ts

docs: install ## the tables in README.md and docs/, from the program
	@TLSAUTO_DOCS=write node --test --test-isolation=none --test-reporter=dot test/docs.test.ts

manifests: install ## deploy/tlsauto*.yaml, from their sources in deploy/manifests
	node deploy/build/build-manifests.ts

build: install ## dist/kubectl-tlsauto and dist/tlsauto.mjs, each one file
	node deploy/build/build.ts

image: build ## the server's image, tlsauto:0.1.0, on BASE=node@sha256:… (README.md says how to find it)
	@[[ '$(BASE)' =~ @sha256:[0-9a-f]{64}$$ ]] || { echo 'name the base image by its digest: make image BASE=node@sha256:…; README.md says how to find it' >&2; exit 2; }
	docker build --file deploy/Dockerfile --build-arg BASE='$(BASE)' --tag tlsauto:0.1.0 .

build-all: install ## dist/release: the plugin for all platforms, archives, checksums, krew's manifest, the npm package
	@node deploy/build/build-all.ts

clean: ## remove what was built here; the stack's cache stays
	rm -rf dist node_modules .tlsauto
