"""Runs migrations inside the transaction of `Database.migrate`."""

from alembic import context

from service.store.columns import Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True
)
context.run_migrations()
