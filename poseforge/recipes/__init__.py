"""Functions that return config fragments, so that values derived from one choice stay in step.

They return plain dicts and import nothing of PoseForge: a config that calls them can be read by
anyone and dumped as data.
"""
