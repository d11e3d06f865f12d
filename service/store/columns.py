"""The types of columns, and the base of the tables that use them."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, DateTime, Integer, MetaData, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase

from service.domain.nonfinite import from_column, to_column

#: Names of constraints, so that a migration can refer to them.
NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Json = dict[str, Any]


class UtcDateTime(TypeDecorator[datetime]):
    """A time in UTC. SQLite does not store the time zone, so it is added when a row is read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's signature
        """Add the time zone to a naive time."""
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


class MetricsJson(TypeDecorator[Json]):
    """Named numbers, as JSON. JSON cannot hold numbers that are not finite: they are stored as strings."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Json | None, dialect: Dialect) -> Json | None:  # noqa: ARG002  # SQLAlchemy's signature
        """Replace numbers that are not finite by strings."""
        return value and to_column(value)

    def process_result_value(self, value: Json | None, dialect: Dialect) -> Json | None:  # noqa: ARG002  # likewise
        """Replace the strings by the numbers."""
        return value and from_column(value)


class Base(DeclarativeBase):
    """Base of the tables: maps Python types to columns."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {
        datetime: UtcDateTime,
        Json: JSON(none_as_null=True),
        list[str]: JSON(none_as_null=True),
        int: BigInteger().with_variant(Integer, "sqlite"),
    }
