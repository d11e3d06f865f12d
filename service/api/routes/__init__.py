"""The routes, one file for each resource. A route parses, makes one call, and answers."""
