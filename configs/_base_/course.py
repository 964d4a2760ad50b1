# What the narrow models that are compared with each other share: PCK, and the score that models of
# whole pictures can have too.
metrics = [dict(type="PCK"), dict(type="OKSAP")]
seed = 0
