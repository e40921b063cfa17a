"""How the process of a stage is started: as a new program, or forked from a warmed one."""
