"""Objects that live as long as the API process: the event hub, live weights, metrics, evaluations."""
