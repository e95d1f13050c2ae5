"""What was collected: tables, relations, normalisation, intake and bundles."""
