# syntax=docker/dockerfile:1
# Three images from one file: api (no torch), rasterizer (no torch, no web server), model (no web server).
# The build-time half makes a virtual environment; the run-time half carries only that and runs as nobody in particular.

ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/folioscope
ENV PATH=/opt/folioscope/bin:$PATH
WORKDIR /src
# First the dependencies, from the metadata alone: a change in the code does not install torch again.
COPY pyproject.toml constraints.txt README.md LICENSE ./

FROM build AS build-api
RUN pip install -c constraints.txt '.[api,postgres,s3]'
COPY . .
RUN pip install --no-deps --force-reinstall .

FROM build AS build-rasterizer
RUN pip install -c constraints.txt '.[postgres,s3]'
COPY . .
RUN pip install --no-deps --force-reinstall .

FROM build AS build-model
# An index of torch builds for your hardware; docs/choosing-torch.md tells which. Empty: what the default index has.
ARG TORCH_INDEX_URL=""
RUN PIP_EXTRA_INDEX_URL="${TORCH_INDEX_URL}" pip install -c constraints.txt '.[worker,postgres,s3]'
COPY . .
RUN pip install --no-deps --force-reinstall .

FROM ${PYTHON} AS run
RUN useradd --uid 10001 --create-home --home-dir /var/lib/folioscope --shell /usr/sbin/nologin folioscope
ENV PATH=/opt/folioscope/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    FOLIOSCOPE_DATA_DIR=/var/lib/folioscope \
    FOLIOSCOPE_LOG_JSON=true
WORKDIR /var/lib/folioscope
USER 10001
ENTRYPOINT ["folioscope"]

FROM run AS rasterizer
USER root
RUN apt-get update && apt-get install -y --no-install-recommends poppler-utils && rm -rf /var/lib/apt/lists/*
USER 10001
COPY --from=build-rasterizer /opt/folioscope /opt/folioscope
CMD ["worker", "--queues", "rasterize"]

FROM run AS model
COPY --from=build-model /opt/folioscope /opt/folioscope
CMD ["worker", "--queues", "interactive,bulk"]

# The last stage is what a plain `docker build .` makes. Intake probes PDFs, so it knows poppler too.
FROM run AS api
USER root
RUN apt-get update && apt-get install -y --no-install-recommends poppler-utils && rm -rf /var/lib/apt/lists/*
USER 10001
COPY --from=build-api /opt/folioscope /opt/folioscope
ENV FOLIOSCOPE_HOST=0.0.0.0
EXPOSE 8470
CMD ["api"]
