"""Updaters: each runs the rule of one optimizer. `table` maps a description to its updater.

Start at ``sgd.py``, the shortest. ``rmsprop.py`` and ``adam.py`` hold their formulas as plain NumPy functions too.
"""
