// X include: a folder without a row.
