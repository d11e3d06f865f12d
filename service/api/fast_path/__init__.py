"""Routes that are answered ahead of FastAPI's own routing, which is about half of the cost of a prediction."""
