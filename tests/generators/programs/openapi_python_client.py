"""Trains a job, streams its events, saves its weights and predicts a file, with openapi-python-client's functions."""

import json
import os
import sys
from pathlib import Path

from digits import AuthenticatedClient
from digits.api.checkpoints import download_weights, save_checkpoint
from digits.api.jobs import create_job
from digits.api.predict import predict_file
from digits.models import (
    CheckpointOut,
    FileIn,
    JobIn,
    JobInMetadata,
    JobOut,
    LayerIn,
    LayerInActivation,
    NetworkIn,
    PredictionOut,
    StepsEventOut,
    UnnamedPresetOptimizer,
    ZerosIn,
)
from digits.types import File

base_url, picture, weights = sys.argv[1:]
client = AuthenticatedClient(base_url=base_url, token=os.environ.get("NAIVENET_KEY", "none"))

layer = LayerIn(units=10, activation=LayerInActivation.SOFTMAX, initializer=ZerosIn(name="zeros"))
metadata = JobInMetadata()
metadata["made_by"] = "openapi-python-client"
body = JobIn(
    dataset="tiny",
    epochs=1,
    optimizer=UnnamedPresetOptimizer(learning_rate=0.1),
    network=NetworkIn(layers=[layer]),
    metadata=metadata,
)
job = create_job.sync(client=client, body=body)
assert isinstance(job, JobOut), job

losses = 0
with client.get_httpx_client().stream("GET", f"/v1/jobs/{job.id}/events/stream") as response:
    for line in response.iter_lines():
        if line.startswith("data: "):
            event = json.loads(line.removeprefix("data: "))
            if event["type"] == "steps":
                losses += len(StepsEventOut.from_dict(event).data.losses)

checkpoint = save_checkpoint.sync(job.id, client=client)
assert isinstance(checkpoint, CheckpointOut), checkpoint
Path(weights).write_bytes(download_weights.sync_detailed(checkpoint.id, client=client).content)

with Path(picture).open("rb") as file:
    form = FileIn(file=File(payload=file, file_name="digit.png", mime_type="image/png"))
    prediction = predict_file.sync(client=client, body=form, job=job.id)
assert isinstance(prediction, PredictionOut), prediction
print(json.dumps({"job": job.id, "losses": losses, "digit": prediction.digit}))
