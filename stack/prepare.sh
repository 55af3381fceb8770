#!/bin/sh
# Makes .venv with exactly what requirements.lock names. Runs before anything is installed, so: plain sh.
# With the argument `lock` it first renews requirements.lock from pyproject.toml, and from both requirements-run.lock: what
# the program needs to run, without the tests' and the benchmarks' part, in the same versions. The image installs that.
# Needs Python 3.11 or newer with venv; uv is taken from PATH or installed under var/tools.
set -eu
cd "$(dirname "$0")/.."
UV_VERSION=0.13.9

say() { # Russian, English
    if [ "${VEKHA_LANG:-ru}" = en ]; then echo "$2" >&2; else echo "$1" >&2; fi
}
fail() {
    say "$@"
    exit 3
}

stamp=.venv/requirements.lock
if [ "${1:-}" != lock ] && cmp -s requirements.lock "$stamp" && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi

python=
for name in "${PYTHON:-python3}" python3 python3.14 python3.13 python3.12 python3.11 python; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$(command -v "$name")
        break
    fi
done
if [ -z "$python" ]; then
    fail "Нужен Python 3.11 или новее, а его нет: установите его (например, apt install python3 python3-venv) или укажите в PYTHON." \
        "Python 3.11 or newer is needed and was not found: install it (e.g. apt install python3 python3-venv) or name it in PYTHON."
fi

# Without a home that can be written to, uv's cache goes under var too.
if [ -z "${HOME:-}" ] || ! [ -w "$HOME" ]; then
    export HOME="$PWD/var/home"
    mkdir -p "$HOME"
fi

if uv --version >/dev/null 2>&1; then
    uv=uv
else
    uv=var/tools/bin/uv
    if ! "$uv" --version >/dev/null 2>&1; then
        say "· устанавливаю uv…" "· installing uv…"
        "$python" -m venv --clear var/tools >/dev/null || fail \
            "Python не создал окружение: установите его модуль venv (apt install python3-venv)." \
            "Python made no environment: install its module venv (apt install python3-venv)."
        var/tools/bin/pip install --quiet --disable-pip-version-check "uv==$UV_VERSION" || fail \
            "uv не установился: проверьте доступ к пакетам Python." \
            "uv was not installed: check the access to Python packages."
    fi
fi

if [ "${1:-}" = lock ]; then
    say "· обновляю requirements.lock…" "· renewing requirements.lock…"
    compile() {
        "$uv" pip compile --quiet --universal --generate-hashes --no-header "$@" pyproject.toml
    }
    { compile --all-extras --upgrade --output-file requirements.lock &&
        compile --constraints requirements.lock --output-file requirements-run.lock; } || fail \
        "Новый requirements.lock не составлен: причина выше." \
        "No new requirements.lock was made: the reason stands above."
fi

say "· устанавливаю зависимости…" "· installing dependencies…"
"$uv" venv --quiet --allow-existing --no-python-downloads --python "$python" .venv || fail \
    "Не удалось подготовить .venv: удалите эту папку и повторите." \
    "The folder .venv could not be prepared: remove it and try again."
"$uv" pip sync --quiet --compile-bytecode --python .venv/bin/python --require-hashes requirements.lock || fail \
    "Зависимости не установились: проверьте доступ к пакетам Python и место на диске." \
    "The dependencies were not installed: check the access to Python packages and the disk's room."
cp requirements.lock "$stamp"
