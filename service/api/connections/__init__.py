"""What happens on a connection before a request reaches the application: limits on heads, time and number."""
