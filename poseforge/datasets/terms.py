"""On what terms public data sets are there, for the card of a model that was trained on them."""

import re

LEEDS = (
    "its photographs belong to those who took them, and it was published for research. Neither "
    "images nor annotations are part of the model"
)
TERMS = {
    "lsp": f"Leeds Sports Pose (Johnson and Everingham, BMVC 2010): {LEEDS}.",
    "lspet": f"Leeds Sports Pose Extended (Johnson and Everingham, CVPR 2011): {LEEDS}.",
    "synthetic": "Generated people: drawn by PoseForge itself, under its licence.",
}


def terms_of(name: str) -> list[str]:
    """Return a sentence for each part of a data set, by its name, such as "lsp_train+lspet_all"."""
    parts = dict.fromkeys(re.split(r"[^a-z0-9]", part.lower())[0] for part in name.split("+"))
    return [
        TERMS.get(part, f"{part}: PoseForge does not know its terms; ask those who published it.")
        for part in parts
    ]
