# Vekha's worker and doors. The servers come as images of their own: see docker-compose.yml.
FROM python:3.11.13-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

WORKDIR /vekha
COPY requirements-run.lock ./
RUN pip install --require-hashes --requirement requirements-run.lock

COPY . ./

# What the program writes: evidence, letters. A volume mounted here takes over the owner.
ENV VEKHA_VAR=/var/lib/vekha
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin vekha \
    && install --directory --owner=vekha --group=vekha "$VEKHA_VAR"
USER 10001:10001

CMD ["python", "worker.py"]
