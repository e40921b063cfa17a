"""The film's page: what a person wants to know of a job, in one file that asks nobody."""
