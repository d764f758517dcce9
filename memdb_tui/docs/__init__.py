"""The guide, the page of words that the help shows, and the record of what was decided and why."""
