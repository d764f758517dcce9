"""The client side of programs that are looked into: launching, following, the picture of what they have open."""
