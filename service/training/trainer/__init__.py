"""The trainer process: claims jobs, starts workers, and recovers the jobs of lost workers."""

#: The argument that ties a trainer to its parent process: it stops when its standard input ends.
STOP_WITH_STDIN = "--stop-with-stdin"
