import cv2
import numpy as np
import pytest
import torch

from poseforge.datasets import LSP, EpochSampler, SampleStream, build_loader, collate
from poseforge.structures import affine
from poseforge.transforms import ColorJitter, Crop, Flip, RandomCrop, Read

TRAIN = [Read(), RandomCrop((32, 32)), Flip("lsp14"), ColorJitter()]


def same(first, second):
    assert len(first) == len(second)
    for a, b in zip(first, second, strict=True):
        assert set(a) == set(b)
        assert all(torch.equal(a[name], b[name]) for name in a)


def test_one_epoch_is_a_permutation_and_the_next_another():
    sampler = EpochSampler(12, 4, seed=5)
    first, second = list(sampler), list(sampler)
    for epoch, batches in enumerate((first, second)):
        assert {e for batch in batches for e, _ in batch} == {epoch}
        assert sorted(i for batch in batches for _, i in batch) == list(range(12))
    assert [[i for _, i in b] for b in first] != [[i for _, i in b] for b in second]
    expected = np.random.default_rng((5, 0)).permutation(12)
    assert [i for batch in first for _, i in batch] == expected.tolist()


def test_drop_last_leaves_out_the_rest():
    sampler = EpochSampler(11, 4)
    assert len(sampler) == 2
    assert [len(batch) for batch in sampler] == [4, 4]


@pytest.mark.parametrize(("size", "batch", "world"), [(40, 4, 2), (50, 3, 4), (9, 1, 3)])
def test_union_of_the_ranks_is_the_batch_of_one_process(size, batch, world):
    alone = EpochSampler(size, batch * world, seed=2)
    ranks = [EpochSampler(size, batch, seed=2, rank=r, world_size=world) for r in range(world)]
    for _ in range(2):
        whole, parts = list(alone), [list(rank) for rank in ranks]
        assert {len(part) for part in parts} == {len(whole)}
        for step, expected in enumerate(whole):
            assert [position for part in parts for position in part[step]] == expected


def test_set_position_gives_the_tail_of_the_straight_run():
    straight = EpochSampler(20, 3, seed=1)
    epochs = [list(straight) for _ in range(4)]
    resumed = EpochSampler(20, 3, seed=1)
    resumed.set_position(2, 4)
    assert len(resumed) == 6
    assert list(resumed) == epochs[2][4:]
    assert list(resumed) == epochs[3]
    resumed.set_position(1, 6)  # the end of epoch 1
    assert list(resumed) == []
    assert list(resumed) == epochs[2]


def test_the_epoch_advances_for_who_counts_batches_too():
    sampler = EpochSampler(12, 4)
    for epoch in range(3):
        batches = iter(sampler)
        assert {next(batches)[0][0] for _ in range(len(sampler))} == {epoch}


@pytest.mark.parametrize("world", [1, 2, 3, 4, 12])
def test_evaluation_sees_every_index_once_in_order(world):
    ranks = [
        EpochSampler(10, 2, shuffle=False, drop_last=False, rank=r, world_size=world)
        for r in range(world)
    ]
    seen = [[i for batch in rank for _, i in batch] for rank in ranks]
    assert sorted(index for indices in seen for index in indices) == list(range(10))
    for rank, indices in enumerate(seen):
        assert indices == list(range(rank, 10, world))
        assert len(ranks[rank]) == -(-len(indices) // 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(size=7, batch_size=4, world_size=2), "7 people, but one step takes 4 x 2"),
        (dict(size=0, batch_size=4, drop_last=False), "empty"),
        (dict(size=9, batch_size=0), "batch_size=0"),
        (dict(size=9, batch_size=1, rank=2, world_size=2), "rank=2"),
    ],
)
def test_impossible_samplers_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        EpochSampler(**arguments)


@pytest.mark.parametrize("position", [(-1, 0), (0, -1), (0, 3)])
def test_impossible_positions_are_refused(position):
    with pytest.raises(ValueError, match="there is no position"):
        EpochSampler(10, 5).set_position(*position)


def test_a_sample_depends_on_seed_epoch_and_index_only(drawn):
    data = drawn(5)
    stream = SampleStream(data, TRAIN, seed=3)
    first = stream[(1, 2)]["arrays"]
    stream[(0, 4)]
    again = SampleStream(data, TRAIN, seed=3)[(1, 2)]["arrays"]
    np.testing.assert_array_equal(first["image"], again["image"])
    np.testing.assert_array_equal(first["matrix"], again["matrix"])
    for seed, position in ((4, (1, 2)), (3, (0, 2)), (3, (1, 3))):
        other = SampleStream(data, TRAIN, seed=seed)[position]["arrays"]
        assert not np.array_equal(first["matrix"][:, :2], other["matrix"][:, :2])


def test_errors_name_the_sample(drawn):
    data = drawn(4)
    data.people.boxes[2] = 1000
    with pytest.raises(ValueError, match=r"sample 'drawn2' of drawn: the person's box .* outside"):
        SampleStream(data, [Read(), Crop((8, 8))])[(0, 2)]


def test_a_damaged_file_is_named_through_the_loader(fake_root, tmp_path):
    data = LSP("val", data_root=fake_root)
    broken = tmp_path / "im0901.jpg"
    broken.write_bytes(cv2.imencode(".jpg", np.zeros((80, 60, 3), np.uint8))[1].tobytes()[:-20])
    paths = data.people.image_paths.astype(f"<U{len(str(broken)) + 200}")
    paths[0] = str(broken)
    object.__setattr__(data.people, "image_paths", paths)
    loader = build_loader(data, [Read(), Crop((8, 8))], batch_size=4, num_workers=1, train=False)
    with pytest.raises(ValueError, match=r"sample 'lsp/im0901\.jpg' of lsp_val: .*cut short"):
        next(iter(loader))


def test_batch_has_the_shapes_and_types_of_the_contract(drawn):
    batch = next(iter(build_loader(drawn(6), TRAIN, batch_size=5, train=True)))
    expected = {
        "image": ((5, 3, 32, 32), torch.uint8),
        "keypoints": ((5, 14, 2), torch.float32),
        "visible": ((5, 14), torch.float32),
        "matrix": ((5, 2, 3), torch.float32),
        "center": ((5, 2), torch.float32),
        "index": ((5,), torch.int64),
    }
    assert {name: (tuple(t.shape), t.dtype) for name, t in batch.items()} == expected


def test_index_says_which_person_a_row_is(drawn):
    data = drawn(6)
    for batch in build_loader(data, [Read(), Crop((9, 9))], batch_size=4, train=False):
        for row, index in enumerate(batch["index"].tolist()):
            assert batch["image"][row, 0, 4, 4] == index
            matrix = batch["matrix"][row].double().numpy()
            expected = affine.apply(matrix, data.people.keypoints[index])
            np.testing.assert_allclose(batch["keypoints"][row], expected, atol=1e-4)


def test_batches_do_not_depend_on_the_number_of_workers(drawn):
    data = drawn(22)
    loaders = [
        build_loader(data, TRAIN, batch_size=4, num_workers=n, seed=9, train=True) for n in (0, 2)
    ]
    for _ in range(2):  # the second epoch comes from the same, persistent workers
        same(list(loaders[0]), list(loaders[1]))


@pytest.mark.parametrize("num_workers", [0, 2])
def test_a_resumed_loader_goes_on_where_the_straight_one_was(drawn, num_workers):
    data = drawn(22)
    straight = build_loader(data, TRAIN, batch_size=4, seed=9, train=True)
    epochs = [list(straight) for _ in range(3)]
    resumed = build_loader(data, TRAIN, batch_size=4, num_workers=num_workers, seed=9, train=True)
    resumed.batch_sampler.set_position(1, 3)
    same(list(resumed), epochs[1][3:])
    same(list(resumed), epochs[2])


def test_ranks_together_are_the_batch_of_one_process(drawn):
    data = drawn(22)
    alone = list(build_loader(data, TRAIN, batch_size=6, seed=1, train=True))
    ranks = [
        list(build_loader(data, TRAIN, batch_size=3, seed=1, train=True, rank=r, world_size=2))
        for r in range(2)
    ]
    joined = [
        {name: torch.cat([a[name], b[name]]) for name in a} for a, b in zip(*ranks, strict=True)
    ]
    same(joined, alone)


def test_test_time_ranks_see_everybody_once(drawn):
    seen = [
        index
        for rank in range(3)
        for batch in build_loader(
            drawn(10), [Read(), Crop((9, 9))], batch_size=2, train=False, rank=rank, world_size=3
        )
        for index in batch["index"].tolist()
    ]
    assert sorted(seen) == list(range(10))


def test_torchs_global_generator_is_left_alone(drawn):
    before = torch.random.get_rng_state()
    list(build_loader(drawn(8), TRAIN, batch_size=4, train=True))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_images_of_different_sizes_are_refused(drawn):
    stream = SampleStream(drawn(2), [Read()])
    small = SampleStream(drawn(2), [Read(), Crop((9, 7))])
    with pytest.raises(ValueError, match=r"differ in size \(60 x 60, 9 x 7\); end the transforms"):
        collate([stream[(0, 0)], small[(0, 1)]])


def test_an_empty_data_set_is_refused(drawn):
    data = drawn(3)
    data.people = data.people[:0]
    with pytest.raises(ValueError, match="the data set 'drawn' is empty"):
        build_loader(data, TRAIN, batch_size=1, train=False)


def test_real_people_make_batches(data_root):
    data = LSP("val", data_root=data_root)
    batch = next(iter(build_loader(data, TRAIN, batch_size=8, train=True)))
    assert batch["image"].float().std() > 20
