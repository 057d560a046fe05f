"""Under fire: what the hospital keeps when processes die, lines are cut, disks fill and clocks jump.

Each test has its control beside it, which must fail: with the guard gone the same fire shows the loss, else the test
proves nothing. `make test` runs the short version, `make chaos` the long one, which writes docs/reliability.md.
"""
