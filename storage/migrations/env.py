"""What Alembic runs: the steps on the connection that ``storage.migration`` opened."""

from __future__ import annotations

from alembic import context

from storage.tables import Base

# The naming convention of the metadata gives keys and indexes of the steps their names.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
