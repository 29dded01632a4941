"""What a run writes: one Parquet part for each table and chunk, and the tables made of them at the end."""
