"""The rows of webhooks, and the outbox of their deliveries."""
