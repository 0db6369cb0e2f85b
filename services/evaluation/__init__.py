"""Is it right: labelled pairs, replay, plots."""
