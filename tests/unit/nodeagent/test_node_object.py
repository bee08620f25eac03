"""What the agent keeps on its Node: offered watts only ever rise, the taint goes by version."""

import pytest

from common.api.core import Node, NodeSpec, NodeStatus, Taint
from common.api.meta import ObjectMeta
from nodeagent.noderesource import OfferSettings, capacity_patch, label_patch, offered_watts, taint_patch


def node(watts=None, *taints):
    capacity = {"cpu": "4"} | ({"climatik.io/watts": watts} if watts is not None else {})
    return Node(
        metadata=ObjectMeta(name="n", resource_version="7"),
        spec=NodeSpec(taints=[Taint(key=key, effect="NoSchedule") for key in taints]),
        status=NodeStatus(capacity=capacity),
    )


OFFERS = {
    "the nameplate": (OfferSettings(), None, 5000),
    "the nameplate, whatever the share": (OfferSettings(), 2000, 5000),
    "none": (OfferSettings(0), 2000, None),
    "so many": (OfferSettings(3000, "share"), 2000, 3000),
    "the share": (OfferSettings(kind="share"), 2000, 2000),
    "a share beyond what the node can draw": (OfferSettings(kind="share"), 9000, 5000),
    "a share that nobody knows yet": (OfferSettings(kind="share"), None, None),
}


@pytest.mark.parametrize(("settings", "share", "watts"), OFFERS.values(), ids=OFFERS)
def test_what_is_offered(settings, share, watts):
    assert offered_watts(settings, 5000, share) == watts


CAPACITY = {
    "missing": (None, 5000, "5000"),
    "lower": ("4000", 5000, "5000"),
    "the same": ("5000", 5000, None),
    "higher stays, for pods may hold it": ("6000", 5000, None),
    "none offered": (None, None, None),
    "the same, as the API server spells it": ("5k", 5000, None),
    "higher, as the API server spells it": ("6k", 5000, None),
    "nonsense": ("many", 5000, "5000"),
}


@pytest.mark.parametrize(("present", "watts", "written"), CAPACITY.values(), ids=CAPACITY)
def test_capacity_is_put_right(present, watts, written):
    expected = {"status": {"capacity": {"climatik.io/watts": written}}} if written else None
    assert capacity_patch(node(present), watts) == expected


TAINTS = {
    "set on a bare node": ((), True, ("add", "/spec/taints")),
    "added to others": (("x",), True, ("add", "/spec/taints/-")),
    "taken from between others": (("x", "climatik.io/uncapped", "y"), False, ("remove", "/spec/taints/1")),
    "already set": (("climatik.io/uncapped",), True, None),
    "already gone": (("x",), False, None),
}


@pytest.mark.parametrize(("present", "uncapped", "operation"), TAINTS.values(), ids=TAINTS)
def test_taint_is_put_right(present, uncapped, operation):
    patch = taint_patch(node(None, *present), uncapped=uncapped)
    if operation is None:
        assert patch is None
    else:
        assert patch[0] == {"op": "test", "path": "/metadata/resourceVersion", "value": "7"}
        assert (patch[1]["op"], patch[1]["path"]) == operation


LABELS = {
    "no host unit, no label": (None, None, None),
    "no host unit, a person's label": ("true", None, None),
    "at base, not yet labelled": (None, True, {"climatik.io/boot-protected": "true"}),
    "at base, labelled": ("true", True, None),
    "at base, labelled otherwise": ("false", True, {"climatik.io/boot-protected": "true"}),
    "not at base, labelled": ("true", False, {"climatik.io/boot-protected": None}),
    "not at base, no label": (None, False, None),
}


@pytest.mark.parametrize(("present", "protected", "written"), LABELS.values(), ids=LABELS)
def test_the_label_of_a_protected_boot_is_put_right(present, protected, written):
    found = node()
    if present is not None:
        found.metadata.labels["climatik.io/boot-protected"] = present
    expected = None if written is None else {"metadata": {"labels": written}}
    assert label_patch(found, protected=protected) == expected
