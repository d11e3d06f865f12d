"""The updaters: each applies the rule of an optimizer, and holds the state of that rule."""
