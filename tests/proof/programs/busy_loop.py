"""Nothing but Python, and a deep recursion that ends in an error of its own."""

import sys

total = 0
for number in range(2_000_000):
    total += number
print(total)


def deeper(depth: int) -> int:
    return deeper(depth + 1)


try:
    deeper(0)
except RecursionError as error:
    print(error)
print(sys.getrecursionlimit(), sys.gettrace(), sys.getprofile())
