#!/usr/bin/env python3
"""
Compliance: the six checks that every stage script must pass, by syntax tree

Each `check_*` module holds one check: a function that takes a StageSource and returns the reasons
why the script fails it, none when it passes. A new check is one such module and one line in
`catalogue.py`. Standard library only.

Usage:
    from tools.compliance.catalogue import check_stage
"""
