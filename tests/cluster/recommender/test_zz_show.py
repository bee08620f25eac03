import time
from tests.cluster.recommender.room import policy_body, domain_body

def test_show(room, apply, status_of, cluster, recommender):
    selector = {"matchLabels": {"rack": "rec-rack"}}
    apply(domain_body("rec-rack", nodeSelector=selector, capWatts=1800))
    apply(policy_body(room.namespace, "explained", powerCapLimit=800))
    status_of("pcp", "explained", room.namespace, lambda s: s.get("currentPower", {}).get("measuredPods") == 3, "x")
    time.sleep(8)
    print(cluster.kubectl("describe", "pcp", "explained", "-n", room.namespace))
    print(cluster.kubectl("describe", "pd", "rec-rack"))
    print(cluster.kubectl("describe", "powerplan", "rec-rack"))
    print(cluster.kubectl("get", "power", "-A"))
    _, log, address = recommender
    print(log.read_text()[-3000:])
    import urllib.request
    print("\n".join(l for l in urllib.request.urlopen(f"http://{address}/metrics").read().decode().splitlines() if "climatik" in l and "bucket" not in l))
