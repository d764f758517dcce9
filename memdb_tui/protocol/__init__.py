"""The messages between UI and host: JSON-RPC 2.0, one object a line."""
