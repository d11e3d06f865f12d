"""The service: trains the from-scratch network in the background, shows it learning, and answers with it."""
