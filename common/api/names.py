"""Names that more than one part of climatik uses. A name that is not here belongs to one file alone."""

from typing import Final

GROUP: Final = "climatik.io"
VERSION: Final = "v1alpha1"
API_VERSION: Final = f"{GROUP}/{VERSION}"

NAMESPACE: Final = "climatik-project"
"""Where the binaries run unless told otherwise (the name that the origin of the project used)."""

WATTS_RESOURCE: Final = "climatik.io/watts"
"""The extended resource: whole watts, limits equal requests."""

# Annotations on pods
ANNOTATION_WATTS: Final = "climatik.io/reserved-watts"
"""Watts reserved for the pod where nodes do not offer the extended resource."""
ANNOTATION_EXPLANATION: Final = "climatik.io/explanation"
"""Plain words: what the webhook set on this pod, why, and by which policy."""
ANNOTATION_POLICY: Final = "climatik.io/policy"
"""The policy that matched the pod at admission (its name, in the pod's namespace)."""
ANNOTATION_PLACEMENT: Final = "climatik.io/placement"
"""Which racks the webhook keeps the pod away from, and why; where a user sets it, it keeps out of that."""
ANNOTATION_OPT_OUT: Final = "climatik.io/opt-out"
"""Set to "true" by a user: the webhook leaves the pod alone."""

# Annotations on nodes
ANNOTATION_METRICS_ADDRESS: Final = "climatik.io/metrics-address"
"""``host:port`` of the agent's metrics, where it is not the node's internal address and the usual port."""

# Annotations on objects that the actuator changes
ANNOTATION_PAUSE: Final = "climatik.io/pause"
"""Set to "true" on a policy, a namespace or a PowerDomain: nothing is acted on there."""
ANNOTATION_CEILING: Final = "climatik.io/replica-ceiling"
"""On the owner of a count: what its fields were before a ceiling was written, as JSON."""
ANNOTATION_CEILINGS: Final = "climatik.io/replica-ceilings"
"""On a policy: the same for owners that may not bear an annotation, by kind and name."""

# Annotations on Jobs
ANNOTATION_COMPLETE_BY: Final = "climatik.io/complete-by"
"""Set by a user: the Job may wait for cheap or green hours, but must be done by this time (RFC 3339)."""
ANNOTATION_RUN_HOURS: Final = "climatik.io/run-hours"
"""Set by a user along with it: hours of running that the Job needs."""

# Annotations that the Slack app sets
ANNOTATION_APPROVAL: Final = "climatik.io/approval"
"""On a policy: who switched which levers on from a chat, until when, and the mode before, as JSON."""

# Taints
TAINT_UNCAPPED: Final = "climatik.io/uncapped"
"""On a node whose devices do not yet bear the caps that its domain counts with."""

# Labels of nodes
LABEL_BOOT_PROTECTED: Final = "climatik.io/boot-protected"
"""Set to "true" where the host writes the base before the kubelet starts: by the agent, or by a person."""

# Finalizers
FINALIZER_RELEASE: Final = "climatik.io/release"
"""Holds a NodeFrequencies or PowerDomain until its hardware was given back, a policy until its ceilings."""

# Field managers of server-side apply, one per binary
MANAGER_RECOMMENDER: Final = "climatik-recommender"
MANAGER_ACTUATOR: Final = "climatik-actuator"
MANAGER_ADMISSION: Final = "climatik-admission"
MANAGER_NODEAGENT: Final = "climatik-nodeagent"
MANAGER_SLACK: Final = "climatik-slack"

PROTOCOL_VERSION: Final = 1
"""Version of the grant protocol that an agent speaks; one the actuator does not know counts at nameplate."""

DEFAULT_LEASE_SECONDS: Final = 600
"""How long grants outlive the last heartbeat of the actuator, unless the domain says otherwise."""
