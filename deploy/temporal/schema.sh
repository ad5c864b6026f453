#!/bin/sh
# Brings Temporal's two databases to the schema of this release. Safe to repeat: the tool applies what is missing.
set -eu

for database in temporal temporal_visibility; do
    case $database in
        temporal) schema=temporal ;;
        *) schema=visibility ;;
    esac
    tool() {
        temporal-sql-tool --plugin postgres12 --endpoint "$POSTGRES_SEEDS" --port "$DB_PORT" --user "$POSTGRES_USER" \
            --database "$database" "$@"
    }
    tool setup-schema --version 0.0
    tool update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/$schema/versioned"
done
