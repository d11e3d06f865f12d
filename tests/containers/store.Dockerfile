# The lab's stand-in for an S3 store: moto, from the project's lock
FROM python:3.11-slim
WORKDIR /src
COPY pyproject.toml constraints.txt ./
COPY deploy/requirements.py deploy/
RUN python -m venv --without-pip /opt/moto \
    && PYTHONPATH=deploy python -c "from requirements import needed, read_lock; pins = read_lock(open('constraints.txt').read()); \
       print('\n'.join(pin.text for pin in needed(pins, frozenset({'moto', 'flask-cors', 'werkzeug'}))))" >store.txt \
    && python -m pip --python /opt/moto/bin/python install --quiet --require-hashes --no-deps --only-binary :all: -r store.txt
ENTRYPOINT ["/opt/moto/bin/python", "-m", "moto.server", "--host", "0.0.0.0", "--port", "7070"]
