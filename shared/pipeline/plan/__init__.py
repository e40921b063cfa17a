"""What is to be done and why: plan, preflight, models, budgets, forecasts."""
