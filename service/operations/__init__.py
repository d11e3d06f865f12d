"""What operators need: backup, doctor, logs, traces, memory."""
