"""Desk: jobs and batches in a browser on this machine, their pages, and the editor of subtitles."""
