# The README's steps: hashed lock file, the package, a user without rights.
FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY content content
COPY storage storage
RUN /venv/bin/pip install --no-cache-dir --no-deps .

FROM python:3.12-slim
RUN useradd --system --uid 10001 --create-home vuistregel && install -d -o vuistregel /data
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    VUISTREGEL_DATABASE_URL=sqlite:////data/vuistregel.db \
    VUISTREGEL_HTTP_LISTEN=127.0.0.1:8080 \
    VUISTREGEL_LOG_FORMAT=json
USER vuistregel
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
# The port is that of the setting; a proxy of the network has no part in it.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", "import os, urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:' + os.environ['VUISTREGEL_HTTP_LISTEN'].rpartition(':')[2] + '/healthz', timeout=4)"]
ENTRYPOINT ["vuistregel"]
CMD ["run"]
