"""Numbers as JSON should show them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def shortest(array: NDArray[Any]) -> list[Any]:
    """Return nested lists of floats with the fewest digits that make the same float32."""
    listed: list[Any] = array.astype(np.float32).astype(np.str_).astype(np.float64).tolist()
    return listed
