"""Whether the statistics of experiments keep their promises, by simulation.

Belongs here: drawing experiments whose truth is known, reading them, counting. Does not belong
here: any statistic of its own.
"""
