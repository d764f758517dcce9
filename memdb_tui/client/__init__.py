"""The way to a host: starting one, and typed asynchronous calls to it."""
