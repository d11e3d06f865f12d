"""The HTTP API: routes parse a request, make one call and answer; one table turns errors into problem documents."""
