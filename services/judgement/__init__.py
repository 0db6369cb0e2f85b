"""Whether two items are the same: candidates, ranking, features, calibration, noise budget, why."""
