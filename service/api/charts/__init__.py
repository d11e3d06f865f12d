"""Charts over HTTP: their data, and the response in the negotiated format."""
