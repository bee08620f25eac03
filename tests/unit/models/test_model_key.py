"""Which workloads count as alike."""

import pytest

from common.models.power.key import ModelKey, model_key, model_name

H100 = "NVIDIA-H100-80GB-HBM3"

COMMANDS = {
    "flag": (["vllm", "--model", "m/x"], "m/x"),
    "flag with equals": (["--model=m/x", "--port=1"], "m/x"),
    "serve": (["vllm", "serve", "m/x", "--port", "1"], "m/x"),
    "serve before flags": (["serve", "--port", "1"], ""),
    "served name": (["--served-model-name", "chat"], "chat"),
    "flag without value": (["--model"], ""),
    "none": (["python", "train.py"], ""),
}


@pytest.mark.parametrize(("words", "name"), COMMANDS.values(), ids=COMMANDS.keys())
def test_model_of_a_command_line(words, name):
    assert model_name(words) == name


IMAGES = {
    "tag": ("vllm/vllm-openai:v0.8", "vllm/vllm-openai"),
    "digest": ("vllm/vllm-openai@sha256:ab", "vllm/vllm-openai"),
    "port and tag": ("reg:5000/vllm:v1", "reg:5000/vllm"),
    "port without tag": ("reg:5000/vllm", "reg:5000/vllm"),
}


@pytest.mark.parametrize(("image", "kept"), IMAGES.values(), ids=IMAGES.keys())
def test_the_tag_of_an_image_does_not_count(image, kept):
    assert model_key(image, [], [], H100, 1).image == kept


@pytest.mark.parametrize("change", [{"image": "other"}, {"model": "y"}, {"product": "A100"}, {"gpus": 2}])
def test_a_key_fits_its_own_text_and_no_other(change):
    key = ModelKey("vllm", "x", H100, 1)
    assert key.fits(str(key))
    assert not key._replace(**change).fits(str(key))


def test_an_unknown_gpu_type_fits_any_and_a_text_without_one_fits_any_type():
    assert ModelKey("vllm", "x", "", 1).fits(str(ModelKey("vllm", "x", H100, 1)))
    assert ModelKey("vllm", "x", H100, 1).fits(str(ModelKey("vllm", "x", "", 1)))


@pytest.mark.parametrize(("image", "gpus"), [("", 1), ("vllm", 0)], ids=["no image", "no GPU"])
def test_nothing_is_learned_of(image, gpus):
    assert model_key(image, [], [], H100, gpus) is None


def test_separators_in_names_do_no_harm_and_the_text_fits_its_field():
    key = model_key("a|b", ["--model", "x|" + "y" * 900], [], H100, 8)
    assert key.fits(str(key))
    assert len(str(key)) <= 512
