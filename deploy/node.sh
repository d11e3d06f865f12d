#!/bin/sh
# Starts a container of a Ray cluster; its one argument says as what:
#   head      the cluster's head, which runs no job
#   worker    a node that runs jobs, as many as it has CPUs (RAY_CPUS; by default those of the container)
#   trainer   naivenet's trainer, beside a node of its own that runs no job: Ray's drivers need a node on their machine
# A node joins the cluster at NAIVENET_RAY_ADDRESS.
set -eu

# Jobs exchange nothing through Ray's object store: it gets the least size that Ray accepts. No driver reads the nodes' logs
options='--disable-usage-stats --object-store-memory 80000000 --include-log-monitor false'

# Waits for the head: `ray start` would give up, and starting it again costs seconds of CPU time
await_head() {
  until python - "$NAIVENET_RAY_ADDRESS" <<'PYTHON'
import socket, sys
host, port = sys.argv[1].rsplit(":", 1)
try:
    socket.create_connection((host, int(port)), 5).close()
except OSError:
    sys.exit(1)
PYTHON
  do sleep 1; done
}

case $1 in
  head) exec ray start --block $options --head --port 6379 --num-cpus 0 --include-dashboard false ;;
  worker)
    await_head
    exec ray start --block $options --address "$NAIVENET_RAY_ADDRESS" --node-manager-port 6380 ${RAY_CPUS:+--num-cpus "$RAY_CPUS"} ;;
  trainer)
    await_head
    ray start $options --address "$NAIVENET_RAY_ADDRESS" --num-cpus 0
    exec naivenet trainer ;;
  *) echo "node.sh: unknown kind of node $1: it is head, worker or trainer" >&2; exit 2 ;;
esac
