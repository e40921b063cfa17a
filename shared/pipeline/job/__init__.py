"""A job on disk: job.json, records, commits, events, lock, fingerprint."""
