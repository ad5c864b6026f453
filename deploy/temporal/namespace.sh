#!/bin/sh
# Creates our namespace once the server takes requests. Safe to repeat.
# Closed journeys live in our own database; Temporal keeps theirs for a week, for looking into what went wrong.
set -eu

attempt=1
until temporal operator cluster health; do
    [ "$attempt" -lt 30 ] || { echo "Temporal at $TEMPORAL_ADDRESS did not become healthy." >&2; exit 1; }
    attempt=$((attempt + 1))
    sleep 2
done

temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 7d
