"""Machine: what this process may use of processors, memory and graphics cards."""
