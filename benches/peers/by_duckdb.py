"""Copies a table into a file of JSON Lines with DuckDB: URL TABLE FOLDER."""

import sys

import duckdb
from duckdb_extensions import import_extension

url, table, folder = sys.argv[1:]
import_extension("postgres_scanner")
duck = duckdb.connect()
duck.execute("LOAD postgres_scanner")
duck.execute(f"ATTACH '{url}' AS source (TYPE postgres, READ_ONLY)")
duck.execute(f"COPY (FROM source.{table}) TO '{folder}/lines.jsonl' (FORMAT json)")
