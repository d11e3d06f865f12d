"""Rows of webhooks, and the outbox of their deliveries."""
