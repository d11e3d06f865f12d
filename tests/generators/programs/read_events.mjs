// Follows a job's events with the npm package eventsource until it reconnects no more, and prints how many came.
import { EventSource } from "eventsource";

let count = 0;
const source = new EventSource(process.argv[2]);
for (const type of ["status", "steps", "epoch", "checkpoint", "diagnostic", "change"]) {
  source.addEventListener(type, () => count++);
}
source.addEventListener("error", () => {
  if (source.readyState === EventSource.CLOSED) console.log(count);
});
