# Vekha's worker and doors. The servers come as images of their own: see docker-compose.yml.
ARG IMAGES=
FROM ${IMAGES}python:3.11.15-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

WORKDIR /vekha
COPY requirements-run.lock ./
ARG PIP_INDEX_URL=
RUN pip install --require-hashes --requirement requirements-run.lock

COPY . ./

# What the program writes: evidence, letters, checkpoints; apart from these the key that signs them. A volume mounted here
# takes over the owner.
ENV VEKHA_VAR=/var/lib/vekha
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin vekha \
    && install --directory --owner=vekha --group=vekha "$VEKHA_VAR" /copy \
    && install --directory --owner=vekha --group=vekha --mode=700 "$VEKHA_VAR/keys"
USER 10001:10001

CMD ["python", "worker.py"]
