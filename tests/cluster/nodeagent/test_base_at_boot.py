"""A reboot takes all limits; the host unit's command has them at base again before an agent comes."""

from common.twin.wire import AdminClient
from tests.cluster.nodeagent.conftest import BASE

LABEL = "climatik.io/boot-protected"


def test_the_base_is_written_before_the_agent_comes_and_the_node_is_labelled(bench):
    bench.make_domain(7000)
    bench.make_object()
    bench.start_agent()
    bench.grant(4000)
    bench.until(bench.confirmed, "confirmation", 20)
    assert LABEL not in bench.node_object["metadata"]["labels"], "no host unit ever ran"
    bench.agent.stop()
    with AdminClient(bench.socket) as admin:
        admin.reboot(bench.node)
    assert bench.exposed_watts() > 4000

    assert bench.run_agent("--write-base") == 0
    assert bench.exposed_watts() <= BASE
    bench.start_agent()
    bench.until(lambda: bench.node_object["metadata"]["labels"].get(LABEL) == "true", "the label", 15)
    bench.grant(3500)
    bench.until(bench.confirmed, "the first grant after the boot")
    assert bench.exposed_watts() <= 3500
