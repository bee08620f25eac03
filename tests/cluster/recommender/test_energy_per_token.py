"""Energy per token and per request, from a real Prometheus with both generations of vLLM."""

import time
import urllib.request

import pytest

from benchmarks.doctor.pages import Pages
from deploy.local.processes import wait_until
from deploy.local.prometheus import Prometheus
from tests.cluster.recommender.room import policy_body

TOKENS, REQUESTS = 500.0, 2.0


@pytest.fixture(scope="module")
def serving(room, tmp_path_factory):
    """Each of three pods makes 500 tokens and ends 2 requests a second; two tell old names of latencies."""
    power = room.exposition()
    pods = sorted(set(room._holders().values()))

    def vllm(seconds):
        lines = []
        for number, pod in enumerate(pods):
            labels = f'model_name="m",namespace="{room.namespace}",pod="{pod}"'
            latency = "time_per_output_token_seconds" if number else "inter_token_latency_seconds"
            lines += [
                f"vllm:num_requests_running{{{labels}}} 4",
                f"vllm:generation_tokens_total{{{labels}}} {TOKENS * seconds}",
                f'vllm:request_success_total{{{labels},finished_reason="stop"}} {REQUESTS * seconds * 0.75}',
                f'vllm:request_success_total{{{labels},finished_reason="length"}} {REQUESTS * seconds / 4}',
                f"vllm:{latency}_sum{{{labels}}} {0.02 * TOKENS * seconds}",
                f"vllm:{latency}_count{{{labels}}} {TOKENS * seconds}",
            ]
        return "\n".join(lines) + "\n"

    pages = Pages({"/power": power, "/vllm": vllm})
    # The servers are scraped by two jobs: what is told twice must not count twice.
    jobs = [pages.job("/power"), pages.job("/vllm"), pages.job("/vllm") | {"job_name": "again"}]
    with Prometheus(tmp_path_factory.mktemp("vllm"), scrape_configs=jobs, interval_seconds=0.5) as server:
        yield server
    pages.close()


def test_status_and_metrics_show_energy_per_token_and_per_request(launch, room, serving, apply, status_of):
    _, log, address = launch("--prometheus-url", serving.url)
    apply(policy_body(room.namespace, "energy", powerCapLimit=100_000))

    def told(status):
        return "millijoulesPerRequest" in status.get("currentPower", {})

    status_of("pcp", "energy", room.namespace, told, "energy per request")
    time.sleep(3)  # real time on purpose: figures are sums over seconds that have to pass
    status = status_of("pcp", "energy", room.namespace, told, "energy per request")
    power = status["currentPower"]
    each = power["watts"] / 3
    assert power["measuredPods"] == 3
    assert power["millijoulesPerToken"] == pytest.approx(1000 * each / TOKENS, rel=0.25)
    assert power["millijoulesPerRequest"] == pytest.approx(1000 * each / REQUESTS, rel=0.25)

    def page():
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=5) as answer:
            return answer.read().decode()

    wait_until(lambda: "climatik_service_joules_per_token{" in page(), "metrics", timeout_seconds=10)
    (line,) = [line for line in page().splitlines() if line.startswith("climatik_service_joules_per_token{")]
    assert f'model="m",namespace="{room.namespace}",workload="Deployment/chat"' in line
    assert float(line.split()[-1]) == pytest.approx(each / TOKENS, rel=0.25), log.read_text()
    assert "pod=" not in line
