# AppealLoop 诉求闭环. `make` prints this help.
PYTHON ?= python3
RUN = .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help demo up down plug-in unplug paper test lint bench chaos year screenshots rules-dry-run environment

help: ## print this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: environment ## run five real cases through the whole loop, on a private broker
	@$(RUN) -m deploy.demo

up: environment ## as demo, and leave everything running
	@$(RUN) -m deploy.demo --keep

down: environment ## stop what `make up` left running
	@$(RUN) -m deploy.demo --stop

plug-in: environment ## plug a department into what `make up` left running: MANIFEST=path/parks.yml
	@$(RUN) -m deploy.demo --plug-in "$(MANIFEST)"

unplug: environment ## take that department out again: CODE=parks
	@$(RUN) -m deploy.demo --unplug "$(CODE)"

paper: environment ## install what printing as PDF needs from the system: type-setting libraries and a Chinese font
	@$(RUN) -m deploy.local.paper

test: environment lint ## every test, on SQLite and PostgreSQL, in memory and on RabbitMQ
	@$(RUN) -m pytest

lint: environment ## style, and the promises between modules
	@.venv/bin/ruff check --quiet .
	@.venv/bin/ruff format --quiet --diff .
	@.venv/bin/lint-imports --no-cache --no-logo > .run/imports.log || { cat .run/imports.log; exit 1; }
	@$(RUN) -m appeals.contract

bench: environment ## events per second through one service, against the bare limit
	@$(RUN) -m benchmarks.hop

rules-dry-run: environment ## what changed rules would change: CATALOGUE=file [APPEALS=file], SUPERVISION=file or EVALUATION=file
ifdef SUPERVISION
	@$(RUN) -m services.supervision.dry_run $(SUPERVISION) || [ $$? -eq 1 ]
else ifdef EVALUATION
	@$(RUN) -m services.evaluation.dry_run $(EVALUATION) || [ $$? -eq 1 ]
else
	@$(RUN) -m services.routing.dry_run $(CATALOGUE) $(if $(APPEALS),--appeals $(APPEALS)) || [ $$? -eq 1 ]
endif

chaos: environment ## kill everything at random under load, and count what is lost
	@$(RUN) -m tests.chaos.campaign

year: environment ## 50,000 appeals over a simulated year, every deadline, card and score checked by a second computation
	@$(RUN) -m tests.simulation.year

screenshots: environment ## pictures of the main pages, in both languages, as on a desk and on a phone: TO=folder
	@$(RUN) -m tests.browser.screenshots $(or $(TO),.run/screenshots)

environment:
	@mkdir -p .run && $(PYTHON) -m deploy.local.environment && $(PYTHON) -m deploy.local.assets
