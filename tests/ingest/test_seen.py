"""What was handed over is known exactly, for as long as there is room and time, also after a crash."""

from __future__ import annotations

import os
import random
import subprocess
import uuid
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from responder.ingest import id_keys
from responder.ingest.seen import Seen

PRODUCT = Path(__file__).resolve().parents[2] / "package" / "bin"
HOUR = 3600.0


def ids(first: int, count: int) -> list[str]:
    """UUIDs as CloudTrail's, the same for the same numbers."""
    return [str(uuid.UUID(int=random.Random(n).getrandbits(128), version=4)) for n in range(first, first + count)]


def opened(folder: Path, capacity: int = 1000, window: float = HOUR) -> Seen:
    return Seen.open(folder / "seen", capacity, window)


def files(folder: Path) -> list[Path]:
    return sorted((folder / "seen").iterdir())


def test_an_id_is_new_until_it_was_marked(tmp_path: Path) -> None:
    seen = opened(tmp_path)
    some, others = ids(0, 100), ids(100, 100)
    assert seen.new(some) == [True] * 100
    assert seen.new(some) == [True] * 100, "asking marks nothing"
    seen.mark(some, 0)
    assert seen.new(some + others) == [False] * 100 + [True] * 100


def test_an_id_is_new_once_in_a_list(tmp_path: Path) -> None:
    assert opened(tmp_path).new(["a", "b", "a", "a"]) == [True, True, False, False]


def test_what_was_marked_is_known_after_a_restart_without_a_close(tmp_path: Path) -> None:
    opened(tmp_path).mark(ids(0, 100), 0)
    assert opened(tmp_path).new(ids(50, 100)) == [False] * 50 + [True] * 50


def test_the_oldest_ids_make_room(tmp_path: Path) -> None:
    seen = opened(tmp_path, capacity=100)
    for first in range(0, 500, 10):
        seen.mark(ids(first, 10), 0)
        assert len(seen) <= 100
    assert seen.new(ids(400, 100)) == [False] * 100
    assert seen.new(ids(0, 400)) == [True] * 400
    assert opened(tmp_path, capacity=100).new(ids(400, 100)) == [False] * 100


def test_more_ids_at_once_than_there_is_room_leave_the_newest(tmp_path: Path) -> None:
    seen = opened(tmp_path, capacity=100)
    seen.mark(ids(0, 250), 0)
    assert seen.new(ids(0, 250)) == [True] * 150 + [False] * 100


def test_ids_older_than_the_window_go(tmp_path: Path) -> None:
    seen = opened(tmp_path)
    seen.mark(ids(0, 10), now=1_000)
    seen.mark(ids(10, 10), now=1_000 + HOUR)
    assert seen.new(ids(0, 20)) == [False] * 20
    seen.mark(ids(20, 10), now=1_001 + HOUR)
    assert seen.new(ids(0, 30)) == [True] * 10 + [False] * 20


def test_a_smaller_capacity_leaves_the_newest(tmp_path: Path) -> None:
    seen = opened(tmp_path)
    for first in range(0, 500, 10):
        seen.mark(ids(first, 10), 0)
    seen = opened(tmp_path, capacity=100)
    assert seen.new(ids(390, 110)) == [True] * 10 + [False] * 100


def test_the_disk_is_given_back(tmp_path: Path) -> None:
    seen = opened(tmp_path, capacity=320)
    for first in range(0, 5_000, 10):
        seen.mark(ids(first, 10), 0)
    assert sum(path.stat().st_size for path in files(tmp_path)) < 2 * 320 * 16


def test_a_write_that_a_crash_has_cut_short_is_taken_back(tmp_path: Path) -> None:
    seen = opened(tmp_path)
    seen.mark(ids(0, 10), 0)
    seen.mark(ids(10, 10), 0)
    whole = files(tmp_path)[-1].read_bytes()
    for size in range(11 * 16, len(whole)):
        files(tmp_path)[-1].write_bytes(whole[:size])
        seen = opened(tmp_path)
        assert seen.new(ids(0, 20)) == [False] * 10 + [True] * 10
        assert seen.damaged == size - 11 * 16
        seen.mark(ids(20, 5), 0)
        assert opened(tmp_path).new(ids(0, 25)) == [False] * 10 + [True] * 10 + [False] * 5
        seen.close()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_is_done_to_its_files_no_id_is_known_that_was_not_marked(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    seen = opened(folder, capacity=64)
    for first in range(0, 60, 6):
        seen.mark(ids(first, 6), 0)
    seen.close()
    path = data.draw(st.sampled_from(files(folder)))
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=40))
    path.write_bytes(bytes(content))
    seen = opened(folder, capacity=64)
    assert all(seen.new(ids(60, 100)))
    seen.mark(ids(200, 30), 0)
    assert not any(seen.new(ids(200, 30)))
    assert not any(opened(folder, capacity=64).new(ids(200, 30)))


STEPS = st.tuples(st.sampled_from(["new", "mark", "open"]), st.integers(0, 40), st.integers(1, 12))


@settings(max_examples=40, deadline=None)
@given(st.lists(STEPS, max_size=25))
def test_it_answers_as_a_list_of_the_newest_ids_does(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]]
) -> None:
    """Blocks go as a whole, so what is known is at least what is left with the last block that has gone."""
    folder = tmp_path_factory.mktemp("seen")
    seen = opened(folder, capacity=30)
    marked: list[list[str]] = []
    for step, first, count in steps:
        some = ids(first, count)
        if step == "open":
            seen = opened(folder, capacity=30)
        elif step == "mark":
            seen.mark(some, 0)
            marked.append(some)
        while sum(map(len, marked)) > 30:
            marked.pop(0)
        known = {each for block in marked for each in block}
        assert seen.new(some) == [each not in known for each in some]


ALMOST = ["11111111-2222-4333-8444-55555555555" + end for end in "5aAg "]
ODD = ["", "a", "A" * 36, "0" * 36, "ü", "\ud800", "x" * 10_000, *ALMOST]
WILD = st.uuids().map(str) | st.text(alphabet="0aA-f \n٣", min_size=35, max_size=37) | st.sampled_from(ODD)


def test_ids_that_are_no_uuids_are_known_as_well(tmp_path: Path) -> None:
    seen = opened(tmp_path)
    assert seen.new(ODD) == [True] * len(ODD)
    seen.mark(ODD, 0)
    assert seen.new(ODD) == [False] * len(ODD)
    assert seen.new([each + "x" for each in ODD]) == [True] * len(ODD)


@settings(max_examples=200, deadline=None)
@given(st.lists(WILD, max_size=6, unique=True))
def test_different_ids_have_different_keys_however_many_are_made_at_once(some: list[str]) -> None:
    together = id_keys.keys(some)
    assert len(set(together)) == len(some) and {len(key) for key in together} <= {16}
    assert together == [id_keys.keys([each])[0] for each in some]


@pytest.mark.parametrize("capacity", [0, -1, 2**40])
def test_a_capacity_that_is_none_is_refused(tmp_path: Path, capacity: int) -> None:
    with pytest.raises(ValueError, match="capacity"):
        opened(tmp_path, capacity)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_ids_that_cannot_be_written_down_stay_new(tmp_path: Path) -> None:
    seen = opened(tmp_path, capacity=32)
    seen.mark(ids(0, 2), 0)
    # The next file of the log is a disk that is full.
    os.symlink("/dev/full", tmp_path / "seen" / f"ids-{3:020d}.log")
    with pytest.raises(OSError):
        seen.mark(ids(2, 1), 0)
    assert seen.new(ids(0, 3)) == [False, False, True]


KILLED = """
import os, sys, uuid, random
sys.path.insert(0, sys.argv[1])
from responder.ingest.seen import Seen
seen = Seen.open(sys.argv[2], 100_000, 3600)
for first in range(0, 10_000, 7):
    some = [str(uuid.UUID(int=random.Random(n).getrandbits(128), version=4)) for n in range(first, first + 7)]
    seen.mark(some, 0)
    os.write(1, b"%d\\n" % (first + 7))
"""


def test_what_was_marked_before_a_kill_is_known_after_it(tmp_path: Path, interpreter: Path) -> None:
    command = [str(interpreter), "-I", "-c", KILLED, str(PRODUCT), str(tmp_path / "seen")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(40):
            marked = int(process.stdout.readline())
        process.kill()
        rest = process.stdout.read().splitlines()
    marked = max([marked, *map(int, rest[-1:])])
    seen = Seen.open(tmp_path / "seen", 100_000, 3600)
    assert seen.new(ids(0, marked)) == [False] * marked
    assert sum(map(bool, seen.new(ids(marked, 14)))) >= 7, "at most the block that was being written is known besides"


MEMORY = """
import os, random, sys
sys.path.insert(0, sys.argv[1])
from responder.ingest.seen import Seen
def resident():
    return 1024 * int(next(line for line in open("/proc/self/status") if line.startswith("VmRSS")).split()[1])
def some(count):
    for _ in range(count):
        text = "%032x" % random.getrandbits(128)
        yield f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
count = int(sys.argv[3])
before = resident()
seen = Seen.open(sys.argv[2], count, 3600)
for _ in range(count // 500):
    seen.mark(list(some(500)), 0)
print(len(seen), (resident() - before) / count)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
def test_an_id_takes_less_than_sixteen_bytes_of_memory(tmp_path: Path, interpreter: Path) -> None:
    """Of 5 million, 16 bytes each are 80 MB."""
    command = [str(interpreter), "-I", "-c", MEMORY, str(PRODUCT), str(tmp_path / "seen"), "320000"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    count, size = done.stdout.split()
    assert int(count) == 320_000 and float(size) <= 16
