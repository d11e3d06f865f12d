# Generated from _async by `make client-sync`: change it there.
"""The asynchronous client. The blocking one in ``_sync`` is generated from it: `make client-sync`."""
