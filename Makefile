# One verb per habit; CI calls the same ones. Build output goes to $(CARGO_TARGET_DIR), outside the checkout.
SHELL := /bin/bash
LOTTERY_CACHE ?= $(HOME)/.cache/lottery_v4
CARGO_TARGET_DIR ?= $(LOTTERY_CACHE)/target
export LOTTERY_CACHE CARGO_TARGET_DIR

.DEFAULT_GOAL := help
.PHONY: help setup demo smoke test lint program verify-program bench-chain bench drill clean

help: ## what each verb does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## install what this machine lacks to build and run (Debian, as root); says what to install elsewhere
	@scripts/setup

demo: ## ten live lotteries, 300 players, every service, and a page to watch them; Ctrl-C ends it
	@scripts/demo

smoke: ## the demo without a person: plays, kills services, checks every row and every balance, ends by itself
	@scripts/smoke

test: ## every test, and a short smoke run
	@scripts/test

lint: ## formatting, clippy, shell, links of the README, artifacts against the sources (in CI: rebuilt)
	@scripts/lint

program: ## build the on-chain program, its IDL and their manifest into artifacts/
	@scripts/program build

verify-program: ## rebuild the program from a copy: identical, bytes differ, or toolchain differs
	@scripts/program verify

bench-chain: ## compute units, rent and transaction counts of the program, as name=value
	@bench/chain

bench: bench-chain ## every benchmark
	@bench/services

drill: ## long campaigns: random instructions beside a model; services killed at random points; all must end equal
	@scripts/drill

clean: ## remove .run and the build output
	@scripts/clean
