"""Numbers as people read them: three digits, and a unit that fits."""

from poseforge.profiling.record import Spread

MISSING = "–"


def digits(value: float) -> str:
    """Return a number with three digits, without an exponent: 0.0123, 1.23, 12.3, 1234."""
    if value == 0:
        return "0"
    for limit, decimals in ((99.95, 0), (9.995, 1), (0.9995, 2), (0.0995, 3)):
        if abs(value) >= limit:
            return f"{value:.{decimals}f}"
    return f"{value:.3f}" if abs(value) >= 0.0005 else "0.000"


def milliseconds(seconds: float) -> str:
    """Return seconds as milliseconds, without the unit."""
    return digits(1e3 * seconds)


def spread_ms(spread: Spread) -> str:
    """Return "12.3 ms (11.9..14.0)"."""
    low, high = milliseconds(spread.low), milliseconds(spread.high)
    return f"{milliseconds(spread.median)} ms ({low}..{high})"


def percent(fraction: float) -> str:
    """Return a fraction as percent, whole from ten on."""
    value = 100 * fraction
    return f"{value:.0f} %" if abs(value) >= 9.95 else f"{value:.1f} %"


def short(value: float) -> str:
    """Return a number with a letter for thousands, millions and so on: 1.23k, 45.6M."""
    for factor, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= 0.9995 * factor:
            return digits(value / factor) + letter
    return f"{value:.0f}" if value == round(value) else digits(value)


def of_bytes(value: float) -> str:
    """Return bytes in the unit that fits, such as "1.23 GB"; a GB is 10⁹ bytes."""
    for factor, unit in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if abs(value) >= 0.9995 * factor:
            return f"{digits(value / factor)} {unit}"
    return f"{value:.0f} B"


def shortened(name: str, width: int) -> str:
    """Return a name of at most `width` characters, its middle left out where it is longer."""
    if len(name) <= width:
        return name
    ahead = (width - 1) // 2
    return name[:ahead] + "…" + name[len(name) - (width - 1 - ahead) :]
