"""What tests of the modules look for in an answer."""

import httpx2


def refusal(answer: httpx2.Response) -> tuple[int, str]:
    """Its status and the problem's code."""
    return answer.status_code, answer.json()["code"]
