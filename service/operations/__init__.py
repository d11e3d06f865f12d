"""Tools for operators: backup, doctor, readiness, logs, traces, memory."""
