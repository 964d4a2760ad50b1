"""Classification networks of torchvision as backbones."""

from collections.abc import Sequence

from torch import Tensor, nn

from poseforge.registry import BACKBONES, UnknownNameError, nearest


@BACKBONES.register_module()
class TorchvisionBackbone(nn.Module):
    """The features of any classification network of torchvision; what comes after them is left out.

    Args:
        name: What torchvision calls the network, such as "resnet50".
        nodes: The layers whose outputs are returned, in this order, as
            `torchvision.models.feature_extraction.get_graph_node_names` lists them. A ResNet has
            "layer1" to "layer4" and "avgpool", most others "features".
        weights: What torchvision calls the weights to begin from, such as "IMAGENET1K_V2", which
            it downloads; None draws them.

    Raises:
        UnknownNameError: torchvision has no such network, or the network no such node.
        ValueError: torchvision has no such weights of the network, or is not installed.
    """

    def __init__(
        self,
        name: str = "resnet50",
        *,
        nodes: Sequence[str] = ("layer4",),
        weights: str | None = None,
    ) -> None:
        super().__init__()
        try:  # not above: its import takes seconds, which other models need not wait for
            from torchvision import models
            from torchvision.models import feature_extraction
        except ImportError as error:
            raise ValueError(
                f"the backbone TorchvisionBackbone needs torchvision, which cannot be imported "
                f"({error}); install it with pip install torchvision"
            ) from error
        known = models.list_models(module=models)
        if name not in known:
            raise UnknownNameError(
                f"torchvision has no classification network '{name}'{nearest(name, known)} "
                "(torchvision.models.list_models() has them all)"
            )
        choices = [weight.name for weight in models.get_model_weights(name)]
        if weights not in (None, *choices):
            raise ValueError(
                f"torchvision has no weights '{weights}' of {name}; choose one of "
                f"{', '.join(choices)}, or None"
            )
        network = models.get_model(name, weights=weights)
        self.nodes = tuple(nodes)
        try:
            self.network = feature_extraction.create_feature_extractor(network, list(nodes))
        except ValueError as error:
            outermost = [child for child, _ in network.named_children()]
            raise UnknownNameError(
                f"torchvision's {name} does not have all of the nodes {', '.join(nodes)}; its "
                f"outermost ones are {', '.join(outermost)}"
            ) from error

    def forward(self, images: Tensor) -> list[Tensor]:
        features: dict[str, Tensor] = self.network(images)
        return [features[node] for node in self.nodes]
