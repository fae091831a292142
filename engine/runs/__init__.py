"""The directories of runs: ``run`` is one that is written, by ``recorder``; ``names`` says where runs and their files are, ``index`` which
there are, ``summary`` and ``history`` what is known of one.
"""
