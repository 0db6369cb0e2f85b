"""How right it is: labelled pairs, replay, plots."""
