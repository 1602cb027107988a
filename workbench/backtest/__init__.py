"""Backtest: detections and plans over old log files, and what people did about the same things within a day."""
