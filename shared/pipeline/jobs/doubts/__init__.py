"""The doubts of a job: what of its text a person should look at, from where, in which order."""
