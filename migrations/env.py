"""Alembic's environment: our tables, on the engine that the application runs on."""

from alembic import context
from sqlalchemy.types import TypeDecorator

from portal.ground.db import belongs, db

target = db.metadata


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """Write our own column types as the plain types they stand on, so that migrations import nothing of ours."""
    if kind == "type" and isinstance(item, TypeDecorator):
        plain = item.impl_instance if hasattr(item, "impl_instance") else item.impl
        return f"sa.{plain!r}"
    return False


def run() -> None:
    """Run the migrations online; every migration in a transaction of its own."""
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=target,
            render_item=render_item,
            include_object=belongs,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
