"""The set-up job: what has to be there before the parts start, made once and found again after."""
