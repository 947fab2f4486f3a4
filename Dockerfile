# Throughline in a container: the API and the loaders, with the query page built in.

FROM node:24-slim AS graphiql
WORKDIR /build
COPY api/graphiql/package.json api/graphiql/package-lock.json api/graphiql/.npmrc ./
RUN npm ci --omit=dev
COPY api/graphiql/bundle.mjs ./
COPY api/graphiql/src src
RUN node bundle.mjs

FROM python:3.11-slim AS packages
WORKDIR /build
COPY requirements.lock ./
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements.lock \
    && /opt/venv/bin/pip uninstall --yes pip setuptools

FROM python:3.11-slim
LABEL org.opencontainers.image.title="Throughline" org.opencontainers.image.licenses="Apache-2.0"
# The data folder exists and belongs to the user, so that a new volume mounted there does too.
RUN useradd --uid 10001 --no-create-home --home-dir /app --shell /usr/sbin/nologin throughline \
    && install --directory --owner=throughline --group=throughline --mode=0700 /data
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY schema schema
COPY kb kb
COPY loaders loaders
COPY api api
COPY --from=graphiql /build/dist api/graphiql/dist
COPY LICENSE ./
# Inside the container every address is the container's own; who reaches it is decided where the port is published.
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 KB_HOST=0.0.0.0 PORT=8000 KB_DATA=/data
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=4)"]
CMD ["python", "-m", "api"]
