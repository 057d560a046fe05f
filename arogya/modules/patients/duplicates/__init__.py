"""Likely duplicates: pairs of records that may be one person's, with a score and why, until somebody judges them.

Nobody is compared with everybody: two records are compared where they share a key (`keys.py`), scored (`scores.py`) and
kept (`refresh.py`). docs/duplicates.md explains the score to those who work through the list.
"""
