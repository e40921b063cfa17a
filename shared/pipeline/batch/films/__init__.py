"""The films of a batch: found, judged by their content, their jobs and what lies beside them."""
