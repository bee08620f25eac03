"""Recordings in the published formats are read as they are; a folder without them is named."""

import pytest

from common.replay.recorded import read_profile, read_ramp, read_trace

PROFILE = """model,hardware,prompt_size,batch_size,token_size,peak_power,average_power,prompt_time,token_time,e2e_time,tensor_parallel
bloom-176b,a100-80gb,512,1,128,0.88,0.63,174,49,6400,8
bloom-176b,a100-80gb,1024,1,128,1.0,0.62,290,49,6500,8
bloom-176b,a100-80gb,512,8,128,1.0,0.64,1320,53,8000,8
"""  # noqa: E501 - the format is theirs
TRACE = """TIMESTAMP,ContextTokens,GeneratedTokens
2023-11-16 18:15:46.6805900,374,44
2023-11-16 18:15:50.9951690,396,109
2023-11-16 18:15:51.2224670,879,55
"""
POWER = "second,watts\n" + "".join(f"{second},{1000 if second < 10 else 3000}\n" for second in range(60))


@pytest.fixture
def folder(tmp_path):
    for name, text in {
        "load/azure2024_code.csv": TRACE,
        "llm/sageserve_perf_model.csv": PROFILE,
        "node_power/any.csv": POWER,
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_a_trace_of_the_same_format_by_another_name_will_do(folder):
    trace = read_trace(folder)
    assert trace.seconds.tolist() == pytest.approx([0.0, 4.314579, 4.541877], abs=1e-4)
    assert trace.prompt_tokens.tolist() == [374, 396, 879]
    assert trace.first(4.4).output_tokens.tolist() == [44, 109]


def test_the_profile_of_a_model_is_read(folder):
    profile = read_profile(folder, "bloom-176b")
    assert profile.prompt_tokens.tolist() == [512, 1024]
    assert profile.batches.tolist() == [1, 8]


def test_starts_are_read_from_node_power(folder):
    assert read_ramp(folder)[-1] == 1.0


def test_a_folder_without_a_trace_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no load/azure"):
        read_trace(tmp_path)
