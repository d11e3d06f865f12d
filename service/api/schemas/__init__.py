"""The models of the wire, one file for each resource."""
