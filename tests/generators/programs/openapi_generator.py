"""Trains a job, streams its events, saves its weights and predicts a file, with openapi-generator's Python classes."""

import json
import sys
from pathlib import Path

import digits

base_url, picture, weights = sys.argv[1:]
with digits.ApiClient(digits.Configuration(host=base_url)) as client:
    layer = digits.LayerIn(
        units=10, activation="softmax", initializer=digits.InitializerIn(digits.ZerosIn(name="zeros"))
    )
    body = digits.JobIn(
        dataset="tiny",
        epochs=1,
        optimizer=digits.JobInOptimizer(digits.UnnamedPresetOptimizer(learning_rate=0.1)),
        network=digits.NetworkIn(layers=[layer]),
        metadata={"made_by": "openapi-generator"},
    )
    job = digits.JobsApi(client).create_job(job_in=body)

    losses = 0
    for line in digits.HistoryApi(client).stream_events_without_preload_content(job.id):
        if line.startswith(b"data: "):
            event = digits.EventOut.from_json(line.removeprefix(b"data: ").decode()).actual_instance
            if isinstance(event, digits.StepsEventOut):
                losses += len(event.data.losses)

    checkpoints = digits.CheckpointsApi(client)
    checkpoint = checkpoints.save_checkpoint(job.id)
    Path(weights).write_bytes(checkpoints.download_weights(checkpoint.id))

    prediction = digits.PredictApi(client).predict_file(picture, job=job.id)
print(json.dumps({"job": job.id, "losses": losses, "digit": prediction.digit}))
