#!/bin/sh
# Runs once, on an empty volume: a role and databases for Sojourn, and a role and databases for Temporal. Neither can
# see the other's, and neither is a superuser.
set -eu

psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set sojourn="$SOJOURN_DATABASE_PASSWORD" --set temporal="$TEMPORAL_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE sojourn LOGIN PASSWORD :'sojourn';
CREATE ROLE temporal LOGIN PASSWORD :'temporal';
CREATE DATABASE sojourn OWNER sojourn;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
REVOKE CONNECT ON DATABASE sojourn, temporal, temporal_visibility FROM PUBLIC;
SQL
