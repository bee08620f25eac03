"""Day-ahead forecasts on recorded zones (``data``), and what shifting by them saves (``shifting``)."""
