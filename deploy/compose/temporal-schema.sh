#!/bin/sh
# Brings Temporal's two databases to the schema of the tools' version; safe to repeat.
set -eu
for pair in temporal:temporal temporal_visibility:visibility; do
  database=${pair%%:*}
  schema=/etc/temporal/schema/postgresql/v12/${pair##*:}/versioned
  tool="temporal-sql-tool --plugin postgres12_pgx --endpoint postgres --port 5432 --user temporal --database $database"
  $tool setup-schema --version 0.0
  $tool update-schema --schema-dir "$schema"
done
