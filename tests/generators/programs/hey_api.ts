// Trains a job, streams its events, saves its weights and predicts a file, with the functions of @hey-api/openapi-ts.
import { openAsBlob } from "node:fs";
import { writeFile } from "node:fs/promises";
import { client } from "./client/client.gen.js";
import { createJob, downloadWeights, listJobs, predictFile, saveCheckpoint, streamEvents } from "./client/index.js";

const [baseUrl = "", picture = "", weights = ""] = process.argv.slice(2);
client.setConfig({ baseUrl, throwOnError: true });

const { data: job } = await createJob({
  body: {
    dataset: "tiny",
    epochs: 1,
    optimizer: { learning_rate: 0.1 },
    network: { layers: [{ units: 10, activation: "softmax", initializer: { name: "zeros" } }] },
    metadata: { made_by: "hey-api" },
  },
  throwOnError: true,
});
const path = { job_id: job.id };

let losses = 0;
const { stream } = await streamEvents({ path });
for await (const event of stream) {
  if (event?.type === "steps") losses += event.data.losses.length;
}

const { data: labelled } = await listJobs({ query: { metadata: { made_by: "hey-api" } }, throwOnError: true });

const { data: checkpoint } = await saveCheckpoint({ path, throwOnError: true });
const { data: file } = await downloadWeights({ path: { checkpoint_id: checkpoint.id }, parseAs: "blob", throwOnError: true });
await writeFile(weights, Buffer.from(await (file as Blob).arrayBuffer()));

const { data: prediction } = await predictFile({
  query: { job: job.id },
  body: { file: await openAsBlob(picture) },
  throwOnError: true,
});
console.log(JSON.stringify({ job: labelled.data[0]?.id, losses, digit: prediction.digit }));
