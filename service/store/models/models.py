"""The rows of models: numbered versions of a name, and the aliases that point at them."""

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.domain.model import COMPUTED_ALIASES, DIGITS, LIVE_ALIAS, Alias, Model, Version, best, computed_aliases
from service.errors import Conflict, NotFound, PreconditionFailed
from service.store.database import Database, advisory_lock
from service.store.idempotency import IdempotencyKey, created_before, remember
from service.store.models.checkpoints import lock_for_use
from service.store.tables import AliasRow, VersionRow


class ModelStore:
    """Models, their versions and aliases."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Model]:
        """Return all models; ``digits`` also before its first version."""
        with self._database.read() as session:
            names = {DIGITS, *session.scalars(select(VersionRow.model).distinct())}
            return [model_value(session, name) for name in sorted(names)]

    def get(self, name: str) -> Model:
        """Return the model.

        Raises:
            NotFound: There is none with this name.
        """
        with self._database.read() as session:
            model = model_value(session, name)
            if not model.versions and name != DIGITS:
                raise NotFound("model", name)
            return model

    def add_version(self, name: str, checkpoint_id: str, key: IdempotencyKey | None = None) -> Version:
        """Make a checkpoint the model's next version. Unless it is pinned, the alias ``live`` follows the best.

        A repeated *key* adds no version, and returns the first one.

        Raises:
            NotFound: There is no checkpoint with this id.
            IdempotencyConflict: The key was used before, with another body.
        """
        with self._database.write() as session:
            if known := created_before(session, key, lambda number: session.get(VersionRow, (name, int(number)))):
                return _version(known)
            added = add_version(session, name, checkpoint_id)
            remember(session, key, str(added.version))
            return added

    def set_alias(self, name: str, alias: str, version: int, *, expected_revision: int | None = None) -> Alias:
        """Pin an alias to a version.

        Raises:
            NotFound: The model has no such version.
            Conflict: The alias is computed.
            PreconditionFailed: The alias is not at *expected_revision* (a conditional request).
        """
        _check_settable(alias)
        with self._database.write() as session:
            advisory_lock(session, "models")
            if session.get(VersionRow, (name, version)) is None:
                raise NotFound("version", f"{name}/{version}")
            row = session.get(AliasRow, (name, alias))
            _check_revision(row, expected_revision)
            return _alias(_point(session, row, name=name, alias=alias, version=version, pinned=True))

    def remove_alias(self, name: str, alias: str, *, expected_revision: int | None = None) -> None:
        """Remove an alias; ``live`` follows the best version again.

        Raises:
            NotFound: There is none with this name.
            Conflict: The alias is computed.
            PreconditionFailed: The alias is not at *expected_revision* (a conditional request).
        """
        _check_settable(alias)
        with self._database.write() as session:
            advisory_lock(session, "models")
            row = session.get(AliasRow, (name, alias))
            if row is None:
                raise NotFound("alias", f"{name}/{alias}")
            _check_revision(row, expected_revision)
            session.delete(row)
            session.flush()
            if alias == LIVE_ALIAS:
                _follow_best(session, name)


def add_version(session: Session, name: str, checkpoint_id: str) -> Version:
    """Do what `ModelStore.add_version` does, inside the caller's transaction."""
    checkpoint = lock_for_use(session, checkpoint_id)
    advisory_lock(session, "models")
    newest = session.scalar(select(func.max(VersionRow.version)).where(VersionRow.model == name)) or 0
    row = VersionRow(
        model=name,
        version=newest + 1,
        checkpoint_id=checkpoint_id,
        job_id=checkpoint.job_id,
        test_accuracy=checkpoint.metrics.get("test_accuracy"),
        created_at=datetime.now(UTC),
    )
    session.add(row)
    session.flush()
    _follow_best(session, name)
    return _version(row)


def _follow_best(session: Session, name: str) -> None:
    row = session.get(AliasRow, (name, LIVE_ALIAS))
    top = best([_version(v) for v in session.scalars(select(VersionRow).where(VersionRow.model == name))])
    if top is None or (row and (row.pinned or row.version == top.version)):
        return
    _point(session, row, name=name, alias=LIVE_ALIAS, version=top.version, pinned=False)


def _point(  # noqa: PLR0913  # one column each
    session: Session, row: AliasRow | None, *, name: str, alias: str, version: int, pinned: bool
) -> AliasRow:
    if row is None:
        row = AliasRow(model=name, alias=alias, revision=0)
        session.add(row)
    row.version, row.pinned, row.revision = version, pinned, row.revision + 1
    session.flush()
    return row


def _check_settable(alias: str) -> None:
    if alias in COMPUTED_ALIASES:
        raise Conflict(
            f"The alias {alias!r} is computed from the model's versions and cannot be changed; choose another name."
        )


def _check_revision(row: AliasRow | None, expected: int | None) -> None:
    if expected is not None and expected != (row.revision if row else 0):
        raise PreconditionFailed("The alias has changed since you read it; read it again.")


def model_value(session: Session, name: str) -> Model:
    """Return the model with its versions and aliases, inside the caller's transaction."""
    rows = session.scalars(select(VersionRow).where(VersionRow.model == name).order_by(VersionRow.version.desc()))
    versions = tuple(map(_version, rows))
    stored = session.scalars(select(AliasRow).where(AliasRow.model == name, AliasRow.alias.not_in(COMPUTED_ALIASES)))
    aliases = sorted([*map(_alias, stored), *computed_aliases(versions)], key=lambda alias: alias.alias)
    return Model(name=name, versions=versions, aliases=tuple(aliases))


def _version(row: VersionRow) -> Version:
    return Version(
        model=row.model,
        version=row.version,
        checkpoint_id=row.checkpoint_id,
        job_id=row.job_id,
        test_accuracy=row.test_accuracy,
        created_at=row.created_at,
    )


def _alias(row: AliasRow) -> Alias:
    return Alias(model=row.model, alias=row.alias, version=row.version, pinned=row.pinned, revision=row.revision)
