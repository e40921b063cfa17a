"""Stages, commands and the engines behind them."""
