# The README's steps: hashed lock files, the package, a user without rights. Nothing is fetched that
# has no hash, and nothing is written at run time but below /data: a read-only file system will do.
FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements.lock requirements-build.lock ./
RUN python -m venv /build && python -m venv /venv \
 && /build/bin/pip install --no-cache-dir --require-hashes -r requirements-build.lock \
 && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY content content
COPY storage storage
RUN /build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /venv/bin/pip install --no-cache-dir --no-deps --no-index /wheels/*.whl \
 && /venv/bin/pip uninstall --yes pip

FROM python:3.12-slim
# The base image has its standard library uncompiled, and nothing can be written at run time: each
# start and each health check would compile it anew.
RUN useradd --system --uid 10001 --home-dir /data --no-create-home vuistregel \
 && install -d -o 10001 -g 0 -m 700 /data \
 && python -m compileall -q -x '/(test|tests|idlelib|lib2to3|site-packages)/' \
    "$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    VUISTREGEL_HTTP_LISTEN=127.0.0.1:8080 \
    VUISTREGEL_LOG_FORMAT=json
USER 10001
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
# The port is that of the setting; a proxy of the network has no part in it.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", "import os, urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:' + os.environ['VUISTREGEL_HTTP_LISTEN'].rpartition(':')[2] + '/healthz', timeout=4)"]
ENTRYPOINT ["vuistregel"]
CMD ["run"]
