import pytest

from poseforge.models import build_estimator


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="did you mean 'TopDown'"):
        build_estimator(dict(type="TopDwn"))
    with pytest.raises(ValueError, match="needs the argument 'backbone'"):
        build_estimator(dict(type="TopDown"))
