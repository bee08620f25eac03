"""``climatik status`` against a real API server."""

import json

from climatik.__main__ import main


def test_status_shows_what_the_cluster_holds(cluster, capsys):
    body = {
        "apiVersion": "climatik.io/v1alpha1",
        "kind": "PowerDomain",
        "metadata": {"name": "status-command"},
        "spec": {"capWatts": 4321, "minimumCapWatts": 1000},
    }
    cluster.kubectl("create", "-f", "-", input=json.dumps(body))
    try:
        assert main(["status", "--kubeconfig", str(cluster.kubeconfig)]) == 0
        assert "4,321 W" in capsys.readouterr().out
        assert main(["status", "--kubeconfig", str(cluster.kubeconfig), "-o", "json"]) == 0
        rows = json.loads(capsys.readouterr().out)["domains"]
        assert [row["cap_watts"] for row in rows if row["name"] == "status-command"] == [4321]
    finally:
        cluster.kubectl("delete", "powerdomain", "status-command", "--wait=false")
