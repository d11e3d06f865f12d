"""The JSON of responses as typed objects, one file a resource. Fields that a newer service adds are ignored."""
