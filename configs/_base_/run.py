metrics = [dict(type="PCK")]
seed = 0
