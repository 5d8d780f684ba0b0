"""What answers requests: load balancers, CloudFront, the application behind them; and the metrics of what was really answered."""
