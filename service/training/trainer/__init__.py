"""The trainer process: claims jobs, starts workers, and recovers jobs whose worker was lost."""

#: The argument that ties a trainer to the process that started it: it stops when its standard input ends.
STOP_WITH_STDIN = "--stop-with-stdin"
