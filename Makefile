# Everything runs in .venv, which each target first sets up: a system Python with venv and pip is enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SUPPORTED := 'import sys; sys.exit(None if (3, 11) <= sys.version_info[:2] <= (3, 13) else "Python 3.11 to 3.13 is needed: make PYTHON=python3.12")'

.PHONY: demo test test-slow lint format lock clean prove-delivery prove-delivery-can-fail prove-outbox prove-growth prove-scale soak prove-deploy bench bench-understanding simulate-learning

$(VENV)/run.stamp: requirements.lock requirements-build.lock pyproject.toml
	test -x $(BIN)/pip || { $(PYTHON) -c $(SUPPORTED) && $(PYTHON) -m venv $(VENV); }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock -r requirements-build.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-index --no-build-isolation --editable .
	touch $@

$(VENV)/dev.stamp: requirements-dev.lock pyproject.toml $(VENV)/run.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

demo: $(VENV)/run.stamp  ## the playground: three phones in one page, no token and no internet
	$(BIN)/vuistregel demo $(DEMO)

test: lint  ## lint, types, layers and every test
	$(BIN)/python -m pytest -n 2 --dist worksteal $(TESTS)

test-slow: $(VENV)/dev.stamp  ## the tests that take minutes each
	$(BIN)/python -m pytest -n 2 -m slow $(TESTS)

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

prove-delivery: $(VENV)/dev.stamp  ## kill the bot 200 times in each mode: nothing lost, nothing doubled
	$(BIN)/python -m tests.prove.delivery --runs $(or $(RUNS),200) --jobs $(or $(JOBS),2)

prove-delivery-can-fail: $(VENV)/dev.stamp  ## the same proof with each safeguard off must fail
	for name in inbox webhook claims outbox lease retry; do \
	  if $(BIN)/python -m tests.prove.delivery --runs $(or $(RUNS),20) --jobs $(or $(JOBS),2) --patience 90 --engines sqlite --first --unsafe $$name; \
	  then echo "not noticed: $$name"; exit 1; fi; done

prove-outbox: $(VENV)/dev.stamp  ## a thousand reports under mixed faults, on a virtual clock
	$(BIN)/python -m tests.prove.outbox --reports $(or $(REPORTS),1000)

prove-growth: $(VENV)/dev.stamp  ## a hundred times the school (ten on SQLite): at most twice the time, no table read whole
	$(BIN)/python -m tests.prove.growth $(GROWTH)

prove-deploy: $(VENV)/dev.stamp  ## every step of Dockerfile and compose file by hand: Linux, root, caddy
	$(BIN)/python -m tests.prove.deploy

bench: $(VENV)/dev.stamp  ## beside a bare echo bot: speed, fairness, start, stop, memory
	$(BIN)/python -m tests.prove.bench --rounds $(or $(ROUNDS),5)

prove-scale: $(VENV)/dev.stamp prove-growth  ## 1,500 pupils within Telegram's limits, replicas killed and frozen, PostgreSQL restarted
	$(BIN)/python -m tests.prove.scale

soak: $(VENV)/dev.stamp  ## half an hour of everything at 50 updates a second, with faults
	$(BIN)/python -m tests.prove.soak --minutes $(or $(MINUTES),30)

bench-understanding: $(VENV)/dev.stamp  ## the matcher beside plain methods, and without each of its parts
	$(BIN)/python -m tests.prove.understanding

simulate-learning: $(VENV)/dev.stamp  ## 1,000 simulated pupils, 12 weeks: ways of choosing questions compared
	$(BIN)/python -m tests.prove.learning

LOCK := uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url
lock:  ## after a change of dependencies; needs uv
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) --extra dev pyproject.toml -c requirements.lock -o requirements-dev.lock
	$(LOCK) --group pyproject.toml:build -c requirements-dev.lock -o requirements-build.lock

clean:
	rm -rf $(VENV) build dist
