# One image for every process of production; the command names the process: api, intake, worker, migrate, mail-catcher.
FROM python:3.13-slim AS build

WORKDIR /src
COPY deploy/requirements.lock ./
RUN python -m venv /opt/sojourn \
    && /opt/sojourn/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN /opt/sojourn/bin/pip install --no-cache-dir --no-deps --no-build-isolation .


FROM python:3.13-slim

RUN useradd --system --uid 10001 --create-home sojourn
COPY --from=build /opt/sojourn /opt/sojourn
ENV PATH=/opt/sojourn/bin:$PATH PYTHONUNBUFFERED=1 SOJOURN_HOST=0.0.0.0
USER sojourn
# SIGTERM stops every process cleanly within ten seconds.
ENTRYPOINT ["sojourn"]
CMD ["--help"]
