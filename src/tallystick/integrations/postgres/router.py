"""Send the ORM to the connection of the running scope."""

from django.db.models import Model

from tallystick.integrations.postgres import scope


class ScopeRouter:
    """Route reads and writes to the scope's alias; outside of a scope to the default one."""

    def db_for_read(self, model: type[Model], **_hints: object) -> str | None:
        """Name the alias to read from."""
        del model
        return scope.alias()

    def db_for_write(self, model: type[Model], **_hints: object) -> str | None:
        """Name the alias to write to."""
        del model
        return scope.alias()

    def allow_relation(self, *_objects: Model, **_hints: object) -> bool:
        """Allow relations: all aliases are one database."""
        return True

    def allow_migrate(self, db: str, *_names: str, **_hints: object) -> bool:
        """Migrate as the owner only."""
        return db == "owner"
