"""How smooth the network's picture is while its pointer and its units move and the job trains."""

import httpx2
from playwright.sync_api import Browser

from bench.api import job, queue, until

#: Six hidden layers: as many as fit into the picture beside each other.
UNITS = (256, 128, 64, 64, 32, 32)
DEEP = [{"units": units, "activation": "relu", "initializer": {"name": "he_normal"}} for units in UNITS]
DEEP += [{"units": 10, "activation": "softmax"}]

#: Shows the picture of a job that trains, with its newest weights and activations twice a second, and moves a pointer
#: over it; returns the frames a second.
_FRAMES = """async (id) => {
  const [{ NetworkPicture }, { get, send }, { readNetwork }] = await Promise.all([
    import("/page/plots/network_picture.js"), import("/page/net/api.js"), import("/page/net/network.js"),
  ]);
  const [options, { network }] = await Promise.all([get("v1/options"), get(`v1/jobs/${id}`)]);
  const picture = new NetworkPicture({ layers: network.layers, options, signal: new AbortController().signal });
  document.querySelector("main").replaceChildren(picture.element);
  const isInk = (row, column, turn) => Math.abs(column - 14 - turn) < 2 && row > 3 && row < 24;
  const read = async (turn) => {
    const pixels = Array.from({ length: 28 }, (_, row) =>
      Array.from({ length: 28 }, (_, column) => (isInk(row, column, turn % 6) ? 255 : 0)));
    const path = `v1/jobs/${id}/predict?explain=activations&trace=true&prepare=never`;
    const [weights, answer] = await Promise.all([readNetwork(`jobs/${id}`), send("POST", path, { pixels })]);
    picture.showWeights(weights);
    await picture.showActivations(answer.activations, answer.trace);
  };
  await read(0);
  let turns = 0;
  const timer = setInterval(() => read(++turns), 500);
  const canvas = picture.canvas.element;
  const { left, top, width } = canvas.getBoundingClientRect();
  const began = performance.now();
  let frames = 0;
  while (performance.now() - began < 5000) {
    const place = { clientX: left + (frames * 7) % width, clientY: top + 60 + (frames * 3) % 240 };
    canvas.dispatchEvent(new PointerEvent("pointermove", place));
    await new Promise(requestAnimationFrame);
    frames++;
  }
  clearInterval(timer);
  return frames / (performance.now() - began) * 1000;
}"""


def network_frames(browser: Browser, api: httpx2.Client, base_url: str, rounds: int) -> list[float]:
    """Return the frames a second of each round, while one job trains all the time."""
    job_id = queue(api, preset="accurate", epochs=1000, network={"layers": DEEP})
    until(lambda: job(api, job_id)["progress"]["step"], what=f"the first step of {job_id}", poll_s=0.2)
    found = []
    for _ in range(rounds):
        with browser.new_context(viewport={"width": 1280, "height": 800}) as visitor:
            page = visitor.new_page()
            page.goto(f"{base_url}/?source#/draw")
            page.wait_for_selector('main[data-ready="yes"]')
            found.append(float(page.evaluate(_FRAMES, job_id)))
    api.post(f"/v1/jobs/{job_id}/cancel").raise_for_status()
    return found
