from typing import Any

class Error(ValueError):
    """What cannot be done, in a sentence that says what is wrong and what to do."""

def __getattr__(name: str) -> Any: ...
