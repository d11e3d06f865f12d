"""The rows of models: numbered versions of a name, and the aliases that point at them."""

from datetime import UTC, datetime

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from service.domain.checkpoint import Checkpoint
from service.domain.model import COMPUTED_ALIASES, DIGITS, LIVE_ALIAS, Alias, Model, Version, computed_aliases, to_serve
from service.errors import Conflict, NotFound, PreconditionFailed, StillInUse
from service.store.database import Database, advisory_lock
from service.store.idempotency import IdempotencyKey, created_before, remember
from service.store.models.checkpoints import checkpoint_row, lock_for_use
from service.store.operations.counters import NEWEST
from service.store.tables import AliasRow, CounterRow, VersionRow


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

    def is_new(self, name: str) -> bool:
        """Return whether the model never had a version, as far as is known: none is there, and none was deleted."""
        with self._database.read() as session:
            return _is_new(session, name)

    def add_first(self, name: str, checkpoint: Checkpoint) -> bool:
        """Add a checkpoint, whose bytes are stored, and its version, if the model never had one; return whether.

        Of two processes that call it at the same time, one adds both rows.
        """
        with self._database.write() as session:
            advisory_lock(session, "models")
            if not _is_new(session, name):
                return False
            session.add(checkpoint_row(checkpoint))
            session.flush()
            add_version(session, name, checkpoint.id)
            return True

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

    def delete_version(self, name: str, version: int) -> None:
        """Delete a version; its checkpoint stays, and its number is not used again.

        Raises:
            NotFound: The model has no such version.
            StillInUse: An alias points at it. Computed aliases move to another version.
        """
        with self._database.write_when_full() as session:
            advisory_lock(session, "models")
            row = session.get(VersionRow, (name, version))
            if row is None:
                raise NotFound("version", f"{name}/{version}")
            _refuse_if_named(session, f"Version {version} of the model {name!r}", _aliases(name, version=version))
            _keep_number(session, name)
            session.delete(row)

    def delete(self, name: str) -> None:
        """Delete a model with all its versions; their checkpoints stay. An unpinned ``live`` goes with it.

        Raises:
            NotFound: There is none with this name.
            StillInUse: A client's alias points at one of its versions.
            Conflict: It is ``digits``, which always exists.
        """
        if name == DIGITS:
            raise Conflict(f"The model {DIGITS!r} always exists; delete its versions instead.")
        with self._database.write_when_full() as session:
            advisory_lock(session, "models")
            if _newest(session, name) == 0:
                raise NotFound("model", name)
            _refuse_if_named(session, f"The model {name!r}", _aliases(name).where(AliasRow.pinned))
            _keep_number(session, name)
            session.execute(delete(AliasRow).where(AliasRow.model == name))
            session.execute(delete(VersionRow).where(VersionRow.model == name))


def add_version(session: Session, name: str, checkpoint_id: str) -> Version:
    """Do what `ModelStore.add_version` does, inside the caller's transaction."""
    checkpoint = lock_for_use(session, checkpoint_id)
    advisory_lock(session, "models")
    deleted = session.get(CounterRow, (NEWEST, name))
    row = VersionRow(
        model=name,
        version=max(_newest(session, name), deleted.count if deleted else 0) + 1,
        checkpoint_id=checkpoint_id,
        job_id=checkpoint.job_id,
        test_accuracy=checkpoint.metrics.get("test_accuracy"),
        test_set=checkpoint.test_set,
        shipped=checkpoint.shipped,
        created_at=datetime.now(UTC),
    )
    session.add(row)
    session.flush()
    _follow_best(session, name)
    return _version(row)


def _newest(session: Session, name: str) -> int:
    """Return the highest number of the model's versions; 0 if it has none."""
    return session.scalar(select(func.max(VersionRow.version)).where(VersionRow.model == name)) or 0


def _is_new(session: Session, name: str) -> bool:
    return _newest(session, name) == 0 and session.get(CounterRow, (NEWEST, name)) is None


def _keep_number(session: Session, name: str) -> None:
    """Remember the highest number, so that no later version gets the number of a deleted one."""
    row = session.get(CounterRow, (NEWEST, name))
    if row is None:
        row = CounterRow(name=NEWEST, label=name, count=0)
        session.add(row)
    row.count = max(row.count, _newest(session, name))


def _aliases(name: str, *, version: int | None = None) -> Select[str]:
    query = select(AliasRow.alias).where(AliasRow.model == name).order_by(AliasRow.alias)
    return query if version is None else query.where(AliasRow.version == version)


def _refuse_if_named(session: Session, what: str, aliases: Select[str]) -> None:
    if names := session.scalars(aliases).all():
        pointing = "; ".join(f"the alias {alias!r} points at it" for alias in names)
        raise StillInUse(f"{what} cannot be deleted: {pointing}. Point it elsewhere, or delete it, first.")


def _follow_best(session: Session, name: str) -> None:
    row = session.get(AliasRow, (name, LIVE_ALIAS))
    versions = [_version(each) for each in session.scalars(select(VersionRow).where(VersionRow.model == name))]
    top = to_serve(versions, live=row.version if row else None)
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
    pointing = list(map(_alias, stored))
    live = next((each.version for each in pointing if each.alias == LIVE_ALIAS), None)
    aliases = sorted([*pointing, *computed_aliases(versions, live=live)], key=lambda alias: alias.alias)
    return Model(name=name, versions=versions, aliases=tuple(aliases))


def _version(row: VersionRow) -> Version:
    return Version(
        model=row.model,
        version=row.version,
        checkpoint_id=row.checkpoint_id,
        job_id=row.job_id,
        test_accuracy=row.test_accuracy,
        test_set=row.test_set,
        shipped=row.shipped,
        created_at=row.created_at,
    )


def _alias(row: AliasRow) -> Alias:
    return Alias(model=row.model, alias=row.alias, version=row.version, pinned=row.pinned, revision=row.revision)
