# Three images from one lock: `api` serves without TensorFlow; `trainer`, the default, has TensorFlow and can do both; `ray` adds Ray to
# it, for the nodes of a cluster and for the trainer that starts jobs on them.
#   docker build --target api -t naivenet/api .        docker build -t naivenet/trainer .        docker build --target ray -t naivenet/ray .

# By digest, so that each build starts from the same bytes; docs/how-to/deploy.md says how to take a newer one
ARG PYTHON_IMAGE=python:3.11-slim@sha256:9c900dea9e8fb7e16277c179b555cc72d29a352dbc33cff48ad5a0412fd5bfc7

FROM ${PYTHON_IMAGE} AS lock
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY pyproject.toml constraints.txt ./
COPY deploy/requirements.py deploy/
RUN python -m venv --without-pip /opt/naivenet

# The project's own code, from its wheel
FROM lock AS source
RUN --mount=type=cache,target=/root/.cache/pip \
    python deploy/requirements.py build >build.txt && python -m pip install --quiet --require-hashes --no-deps -r build.txt
COPY README.md LICENSE ./
COPY naivenet naivenet
COPY service service
COPY client client
COPY notebooks notebooks
RUN python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /wheels . \
    && python -m pip --python /opt/naivenet/bin/python install --quiet --no-deps /wheels/*.whl
COPY deploy/health.py deploy/bucket.py deploy/node.sh /opt/naivenet/

# The packages of both images, and the additional ones of training: wheels only, and no pip in the image
FROM lock AS serving
RUN --mount=type=cache,target=/root/.cache/pip \
    python deploy/requirements.py serving >serving.txt \
    && python -m pip --python /opt/naivenet/bin/python install --quiet --require-hashes --no-deps --only-binary :all: -r serving.txt

FROM lock AS training
RUN --mount=type=cache,target=/root/.cache/pip \
    python deploy/requirements.py training >training.txt \
    && python -m pip --python /opt/naivenet/bin/python install --quiet --require-hashes --no-deps --only-binary :all: -r training.txt

FROM lock AS cluster
RUN --mount=type=cache,target=/root/.cache/pip \
    python deploy/requirements.py cluster >cluster.txt \
    && python -m pip --python /opt/naivenet/bin/python install --quiet --require-hashes --no-deps --only-binary :all: -r cluster.txt

FROM ${PYTHON_IMAGE} AS runtime
RUN groupadd --gid 10001 naivenet \
    && useradd --uid 10001 --gid naivenet --no-create-home --home-dir /tmp --shell /usr/sbin/nologin naivenet \
    && install --directory --owner naivenet --group naivenet /data
COPY --from=serving /opt/naivenet /opt/naivenet
# The service writes to /data, and temporarily to /tmp: the rest of the file system can be read-only
ENV PATH=/opt/naivenet/bin:$PATH PYTHONUNBUFFERED=1 HOME=/tmp \
    NAIVENET_DATA_DIR=/data NAIVENET_CACHE_DIR=/data/cache
VOLUME /data
LABEL org.opencontainers.image.title="naivenet" \
      org.opencontainers.image.description="A neural network written from scratch, and a service that trains it and answers with it" \
      org.opencontainers.image.licenses="MIT AND CC-BY-SA-3.0" \
      org.opencontainers.image.version="0.1.0"
# No shell in between: the process is PID 1 and receives the signals itself
ENTRYPOINT ["naivenet"]
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "/opt/naivenet/health.py"]

FROM runtime AS api
COPY --from=source /opt/naivenet /opt/naivenet
ENV NAIVENET_HOST=0.0.0.0 NAIVENET_TRAINER=false
EXPOSE 8000
USER 10001:10001
CMD ["serve"]

# Each layer of packages is copied before the project's own code, which changes most often
FROM runtime AS ray
COPY --from=training /opt/naivenet /opt/naivenet
COPY --from=cluster /opt/naivenet /opt/naivenet
COPY --from=source /opt/naivenet /opt/naivenet
ENV NAIVENET_EXECUTOR=ray NAIVENET_PULSE_FILE=/tmp/naivenet-trainer
USER 10001:10001
ENTRYPOINT ["/opt/naivenet/node.sh"]
CMD ["worker"]

FROM runtime AS trainer
COPY --from=training /opt/naivenet /opt/naivenet
COPY --from=source /opt/naivenet /opt/naivenet
ENV NAIVENET_PULSE_FILE=/tmp/naivenet-trainer
USER 10001:10001
CMD ["trainer"]
