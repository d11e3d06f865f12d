"""Delivers events to webhooks: claims them from the outbox, signs them, and sends to public addresses only."""
