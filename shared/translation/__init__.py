"""Translation: routing by language pair, ids kept one to one."""
