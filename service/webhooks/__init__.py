"""Tells webhooks what happened to jobs: reads the outbox, signs, and sends to public addresses only."""
