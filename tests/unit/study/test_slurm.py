"""If these fail, a study asks a cluster for the wrong cases, or for the wrong time."""

import os
import subprocess

import pytest

from mesode.config.slurm import SlurmProfile, load_profile
from mesode.errors import InputError
from mesode.study.slurm import array_script, minutes, ranges, submit
from mesode.study.slurm_queue import this_job
from mesode.study.store import Record, Store


@pytest.fixture
def store(tmp_path):
    records = tuple(Record(number=n, hash=f"{n:x}", values=()) for n in (1, 2, 3, 7, 1001))
    return Store(
        path=tmp_path, title="", design="grid", parameters=(), collect=None, records=records
    )


@pytest.mark.parametrize(
    ("numbers", "text"), [([1], "1"), ([3, 1, 2], "1-3"), ([1, 2, 5, 7, 8], "1-2,5,7-8")]
)
def test_ranges(numbers, text):
    assert ranges(numbers) == text


@pytest.mark.parametrize(("seconds", "text"), [(7200, "120:00"), (90.4, "1:30"), (0.2, "0:01")])
def test_minutes(seconds, text):
    assert minutes(seconds) == text


def test_script_asks_for_what_the_profile_says(store):
    profile = SlurmProfile(
        partition="cpu", time="2 h", margin="3 min", memory="4G", ranks=2, max_running=5,
        modules=("mpich/4",), setup=("source env",), launcher="srun -n {ranks}",
        options=("--constraint=fast",),
    )  # fmt: skip
    script = array_script(store, store.records[:4], 0, profile, ["--no-fields"])
    for line in (
        "#SBATCH --partition=cpu", "#SBATCH --time=120:00", "#SBATCH --signal=B:TERM@180",
        "#SBATCH --mem=4G", "#SBATCH --ntasks=2", "#SBATCH --array=1-3,7%5", "#SBATCH --requeue",
        "#SBATCH --constraint=fast", "module load mpich/4", "source env",
        "export MESODE_LAUNCHER='srun -n {ranks}'",
    ):  # fmt: skip
        assert line in script.splitlines()
    assert script.endswith("$number --ranks 2 --no-fields\n")
    shell = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True)
    assert shell.returncode == 0, shell.stderr


def test_margin_is_at_most_half_of_the_time(store):
    profile = SlurmProfile(time="2 min", margin="10 min")
    assert "#SBATCH --signal=B:TERM@60" in array_script(store, store.records[:1], 0, profile)


def test_cases_beyond_the_largest_index_get_a_script_of_their_own(store, tmp_path, monkeypatch):
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "sbatch").write_text(
        "#!/bin/sh\nn=$(cat count 2>/dev/null || echo 10)\n"
        'echo $((n+1)) | tee count\necho "$@" >> calls\n'
    )
    (programs / "sbatch").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    assert submit(store, store.records, SlurmProfile()) == ["11", "12", "13"]
    assert "#SBATCH --array=1-3,7\n" in (tmp_path / "slurm/array_0.sh").read_text()
    second = (tmp_path / "slurm/array_1000.sh").read_text()
    assert "#SBATCH --array=1\n" in second
    assert "number=$((SLURM_ARRAY_TASK_ID + 1000))" in second
    assert "--dependency=afterany:11:12" in (tmp_path / "calls").read_text()


def test_without_slurm_nothing_is_written(store, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="sbatch was not found"):
        submit(store, store.records, SlurmProfile())
    assert not (tmp_path / "slurm").exists()


def test_every_problem_of_a_profile_is_listed(tmp_path):
    path = tmp_path / "cluster.yaml"
    path.write_text("partion: cpu\ntime: 2\nmemory: 4 GB\nranks: 0\n")
    with pytest.raises(InputError) as caught:
        load_profile(path)
    assert [p.path for p in caught.value.problems] == ["time", "memory", "ranks", "partion"]
    assert "partition" in str(caught.value)


def test_task_of_an_array_is_known_by_both_numbers():
    assert this_job({"SLURM_ARRAY_JOB_ID": "5", "SLURM_ARRAY_TASK_ID": "3"}) == "5_3"
    assert this_job({"SLURM_JOB_ID": "9"}) == "9"
    assert this_job({}) == ""
