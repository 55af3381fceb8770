# Vekha / Веха. Everything is prepared by the targets themselves: Python 3.11+ and make are enough.
.DEFAULT_GOAL := help
.PHONY: help prepare demo test up down check bench lock

python := .venv/bin/python
# Two at once, each with servers of its own; one where the servers were given: a test ends what others left running.
at_once := $(if $(VEKHA_TEST_TEMPORAL_ADDRESS),,-n 2 --dist loadfile --no-loadscope-reorder)

help:
	@echo 'make demo   учебный год 2021-22 приказа 969/1 целиком, за минуты | the whole year 2021-22, in minutes'
	@echo 'make up     постоянный стек на этой машине                       | a lasting stack on this machine'
	@echo 'make down   остановить его, данные останутся                     | stop it, the data stays'
	@echo 'make test   все тесты                                            | all tests'
	@echo 'make check  стиль, типы, правила импорта                         | lint, types, import rules'
	@echo 'make bench  измерения рядом с аналогами                          | benchmarks against peers'
	@echo 'make lock   обновить requirements*.lock                          | renew requirements*.lock'

prepare:
	@stack/prepare.sh

demo: prepare
	@$(python) -m doors.cli.demo

test: prepare
	@$(python) -m pytest $(at_once)

up: prepare
	@$(python) -m stack up

down: prepare
	@$(python) -m stack down

check: prepare
	@$(python) -m ruff check .
	@$(python) -m ruff format --check .
	@$(python) -m mypy .
	@.venv/bin/lint-imports

bench: prepare
	@VEKHA_TEMPORAL=server $(python) bench/run.py

lock:
	@stack/prepare.sh lock
