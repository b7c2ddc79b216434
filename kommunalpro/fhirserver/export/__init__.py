"""Bulk export (`$export`): what somebody may see, as files of one resource a line, written by the worker process.

Start in `asking.py` (what may be asked), then `running.py` (how it is done, and what an export shows exactly).
"""
