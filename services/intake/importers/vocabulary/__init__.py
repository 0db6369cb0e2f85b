"""What columns, states and audiences are called in the files of many tools."""
