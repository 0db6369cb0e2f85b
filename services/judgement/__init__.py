"""Are two items the same: candidates, ranking, features, calibration, noise budget, explanation."""
