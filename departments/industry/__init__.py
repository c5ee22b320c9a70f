"""省工业和信息化厅, the department of industry."""
