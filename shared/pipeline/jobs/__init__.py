"""Jobs as data: which there are, how they stand, what they hold; editing a file of one."""
