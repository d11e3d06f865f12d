"""HTTP: routes that parse, make one call and answer. What goes wrong becomes problem+json in one table."""
