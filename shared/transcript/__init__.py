"""The transcript model that runs through stages 6 to 11."""
