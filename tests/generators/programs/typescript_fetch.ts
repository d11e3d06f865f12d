// Trains a job, streams its events, saves its weights and predicts a file, with the classes of openapi-generator.
import { openAsBlob } from "node:fs";
import { writeFile } from "node:fs/promises";
import {
  CheckpointsApi,
  Configuration,
  EventOutFromJSON,
  HistoryApi,
  JobsApi,
  PredictApi,
} from "./client/index.js";

const [basePath = "", picture = "", weights = ""] = process.argv.slice(2);
const configuration = new Configuration({ basePath });
const [jobs, history, checkpoints, predictions] = [
  new JobsApi(configuration),
  new HistoryApi(configuration),
  new CheckpointsApi(configuration),
  new PredictApi(configuration),
];

const job = await jobs.createJob({
  jobIn: {
    dataset: "tiny",
    epochs: 1,
    optimizer: { learningRate: 0.1 },
    network: { layers: [{ units: 10, activation: "softmax", initializer: { name: "zeros" } }] },
    metadata: { made_by: "typescript-fetch" },
  },
});

let losses = 0;
const { raw } = await history.streamEventsRaw({ jobId: job.id });
for (const line of (await raw.text()).split("\n")) {
  if (!line.startsWith("data: ")) continue;
  const event = EventOutFromJSON(JSON.parse(line.slice("data: ".length)));
  if (event.type === "steps") losses += event.data.losses.length;
}

const checkpoint = await checkpoints.saveCheckpoint({ jobId: job.id });
const file = await checkpoints.downloadWeights({ checkpointId: checkpoint.id });
if (!file) throw new Error("no weights");
await writeFile(weights, Buffer.from(await file.arrayBuffer()));

const prediction = await predictions.predictFile({ job: job.id, file: await openAsBlob(picture) });
console.log(JSON.stringify({ job: job.id, losses, digit: prediction.digit }));
