"""Finds the model for a prediction: at once if it is loaded, or else loaded in a thread."""

from service.api.store_threads import StoreThreads
from service.inference.answers.registry import LoadedModel, Registry

#: Batches up to this size run on the event loop; larger ones in a thread, so that they do not delay other requests.
MAX_ON_EVENT_LOOP = 32


async def model_at_alias(registry: Registry, store_threads: StoreThreads, name: str, alias: str) -> LoadedModel:
    """Return the version of the model that the alias points at.

    Raises:
        NotFound: There is no such model or alias.
        NothingToServe: The model has no version yet.
    """
    if loaded := registry.aliased(name, alias):
        return loaded
    return await store_threads.run(registry.by_alias, name, alias)


async def model_at_version(registry: Registry, store_threads: StoreThreads, name: str, version: int) -> LoadedModel:
    """Return a version of the model.

    Raises:
        NotFound: There is no such model or version.
    """
    if loaded := registry.versioned(name, version):
        return loaded
    return await store_threads.run(registry.by_version, name, version)
