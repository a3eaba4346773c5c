#!/bin/sh
# Runs once, on an empty data volume. The application's role owns nothing, so it can't change the schema;
# migrations run as the owner.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --set owner_password="$DURAPAY_OWNER_PASSWORD" \
  --set app_password="$DURAPAY_APP_PASSWORD" \
  --set temporal_password="$TEMPORAL_DB_PASSWORD" <<'SQL'
create role durapay_owner login password :'owner_password';
create role durapay_app login password :'app_password';
create role temporal login password :'temporal_password';
create database durapay owner durapay_owner;
create database temporal owner temporal;
create database temporal_visibility owner temporal;
SQL
