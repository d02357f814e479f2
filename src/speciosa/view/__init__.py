"""What people see: figures, reports, tables and words."""
