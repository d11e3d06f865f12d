// Trains a job, streams its events, saves its weights and predicts a file, with types of openapi-typescript.
import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import createClient from "openapi-fetch";
import type { components, paths } from "./client/schema.js";

type Event = components["schemas"]["EventOut"];

const [baseUrl = "", picture = "", weights = ""] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl });

/** Returns the answer's data, or throws its problem. */
function checked<T>(answer: { data?: T | null; error?: unknown }): T {
  if (answer.data == null) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

/** Yields the events of a stream. */
async function* events(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Event> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of stream) {
    const blocks = (text + decoder.decode(piece, { stream: true })).split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const data = block.split("\n").find((line) => line.startsWith("data: "));
      if (data) yield JSON.parse(data.slice("data: ".length)) as Event;
    }
  }
}

const job = checked(
  await client.POST("/v1/jobs", {
    body: {
      dataset: "tiny",
      epochs: 1,
      optimizer: { learning_rate: 0.1 },
      network: { layers: [{ units: 10, activation: "softmax", initializer: { name: "zeros" } }] },
      metadata: { made_by: "openapi-fetch" },
    },
  }),
);
const path = { job_id: job.id };

let losses = 0;
const stream = checked(
  await client.GET("/v1/jobs/{job_id}/events/stream", { params: { path }, parseAs: "stream" }),
);
for await (const event of events(stream)) {
  if (event.type === "steps") losses += event.data.losses.length;
}

const labelled = checked(
  await client.GET("/v1/jobs", { params: { query: { metadata: { made_by: "openapi-fetch" } } } }),
);

const checkpoint = checked(await client.POST("/v1/jobs/{job_id}/checkpoints", { params: { path } }));
const file = checked(
  await client.GET("/v1/checkpoints/{checkpoint_id}/weights", {
    params: { path: { checkpoint_id: checkpoint.id } },
    parseAs: "arrayBuffer",
  }),
);
await writeFile(weights, Buffer.from(file));

const form = new FormData();
form.append("file", new Blob([await readFile(picture)]), basename(picture));
const prediction = checked(
  await client.POST("/v1/predict/file", {
    params: { query: { job: job.id } },
    body: { file: basename(picture) },
    bodySerializer: () => form,
  }),
);
console.log(JSON.stringify({ job: labelled.data[0]?.id, losses, digit: prediction.digit }));
