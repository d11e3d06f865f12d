"""The routes, one file a resource. A route parses the request, makes one call, and answers."""
