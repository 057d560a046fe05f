"""Open screens: sockets that hear of changes as ids and read what changed through the API.

The client sends `{"ticket", "since"}` first. It gets `hello` with the newest `seq`, then what it missed since, then
`event`s as they come; `resync` where that can't be said (older than a day, or it read too slowly), `ping` to answer.
"""
