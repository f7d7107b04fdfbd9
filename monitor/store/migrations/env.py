"""Alembic's entry: runs the migrations on the connection that `schema` hands over."""

from typing import Literal

from alembic import context
from sqlalchemy import TypeDecorator

from monitor.store.tables import metadata


def render_item(kind: str, item: object, _: object) -> str | Literal[False]:
    """Our column types as the plain ones below them: a migration must not change when they do."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance.__class__.__name__}()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
