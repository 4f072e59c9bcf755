"""Loads a table into files of JSON Lines with dlt, incrementally, as a regular run would: URL TABLE FOLDER."""

import os
import sys

url, table, folder = sys.argv[1:]
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["DLT_DATA_DIR"] = folder
os.environ["DATA_WRITER__DISABLE_COMPRESSION"] = "true"

import dlt  # noqa: E402  it reads the environment when imported
from dlt.sources.sql_database import sql_table  # noqa: E402

rows = sql_table(
    credentials=url.replace("postgres://", "postgresql+psycopg2://", 1),
    table=table,
    incremental=dlt.sources.incremental("last_updated"),
)
pipeline = dlt.pipeline(
    "bench",
    destination=dlt.destinations.filesystem(f"file://{folder}/objects"),
    dataset_name="bench",
    pipelines_dir=f"{folder}/pipelines",
)
pipeline.run(rows, loader_file_format="jsonl")
