import numpy as np
import pytest
import torch

from poseforge.models.estimators.joint_errors import JointErrors

MEANS = np.array([[0.1, -0.2], [0.0, 0.0], [1.0, 2.0]])
FACTORS = np.array([[[0.3, 0.0], [0.2, 0.1]], [[0.0, 0.0], [0.0, 0.5]], [[0.0, 0.0], [0.0, 0.0]]])


def observed():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(40, 7, 3, 2))
    errors = MEANS + np.einsum("kij,bnkj->bnki", FACTORS, noise)
    weights = rng.integers(0, 2, size=(40, 7, 3)).astype(float)
    return errors, weights


def measured():
    errors, weights = observed()
    statistics = JointErrors(3)
    statistics.measure(
        (torch.tensor(e).float(), torch.tensor(w).float())
        for e, w in zip(errors, weights, strict=True)
    )
    return statistics


def test_mean_and_covariance_are_numpys_over_what_is_labelled():
    errors, weights = observed()
    statistics = measured()
    for joint in range(3):
        mine = errors[:, :, joint][weights[:, :, joint] > 0]
        np.testing.assert_allclose(statistics.mean[joint], mine.mean(axis=0), atol=1e-5)
        expected = np.cov(mine, rowvar=False, bias=True)
        np.testing.assert_allclose(statistics.covariance[joint], expected, atol=1e-5)


def test_draws_have_the_measured_mean_and_covariance():
    torch.manual_seed(0)
    statistics = measured()
    draws = statistics.draw(torch.arange(3).expand(200_000, 3)).numpy()
    for joint in range(3):
        np.testing.assert_allclose(draws[:, joint].mean(axis=0), statistics.mean[joint], atol=0.005)
        np.testing.assert_allclose(
            np.cov(draws[:, joint], rowvar=False), statistics.covariance[joint], atol=0.005
        )


def test_draws_follow_torchs_generator():
    statistics, joints = measured(), torch.zeros(2, 5, dtype=torch.long)
    torch.manual_seed(3)
    first, second = statistics.draw(joints), statistics.draw(joints)
    torch.manual_seed(3)
    assert torch.equal(statistics.draw(joints), first)
    assert not torch.equal(first, second)


def test_a_joint_that_nobody_labels_and_one_seen_once_do_not_stray():
    statistics = JointErrors(2)
    errors = torch.tensor([[[0.5, -0.5], [9.0, 9.0]]])
    statistics.measure([(errors, torch.tensor([[1.0, 0.0]]))])
    draws = statistics.draw(torch.tensor([[0, 1]] * 50))
    assert draws[:, 0].tolist() == [[0.5, -0.5]] * 50
    assert draws[:, 1].tolist() == [[0.0, 0.0]] * 50


def test_what_was_measured_travels_in_the_state():
    statistics, other = measured(), JointErrors(3)
    other.load_state_dict(statistics.state_dict())
    assert other.covariance[0].tolist() == statistics.covariance[0].tolist()
    assert other.mean.tolist() != pytest.approx(0)


def test_several_processes_measure_what_one_would(monkeypatch):
    errors, weights = (torch.tensor(values).float() for values in observed())
    shares: list[torch.Tensor] = []
    distributed = "poseforge.models.estimators.joint_errors.distributed"
    monkeypatch.setattr(f"{distributed}.is_initialized", lambda: True)
    monkeypatch.setattr(f"{distributed}.all_reduce", lambda sums: shares.append(sums.clone()))
    JointErrors(3).measure(zip(errors[:11], weights[:11], strict=True))
    monkeypatch.setattr(f"{distributed}.all_reduce", lambda sums: sums.add_(shares[0]))
    statistics = JointErrors(3)
    statistics.measure(zip(errors[11:], weights[11:], strict=True))
    monkeypatch.undo()
    for name, value in measured().state_dict().items():
        torch.testing.assert_close(statistics.state_dict()[name], value)
