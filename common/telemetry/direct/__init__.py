"""Reading exporters without a Prometheus between: their pages, a short memory of counters, one reading."""
