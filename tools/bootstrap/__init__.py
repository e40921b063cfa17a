"""Bootstrap: the steps behind tools/bootstrap_environments.py, one file each."""
