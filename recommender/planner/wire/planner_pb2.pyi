from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CalculateOptimalReplicasRequest(_message.Message):
    __slots__ = ("deployments", "powerCap")
    DEPLOYMENTS_FIELD_NUMBER: _ClassVar[int]
    POWERCAP_FIELD_NUMBER: _ClassVar[int]
    deployments: _containers.RepeatedCompositeFieldContainer[Deployment]
    powerCap: float
    def __init__(self, deployments: _Optional[_Iterable[_Union[Deployment, _Mapping]]] = ..., powerCap: _Optional[float] = ...) -> None: ...

class Deployment(_message.Message):
    __slots__ = ("name", "namespace")
    NAME_FIELD_NUMBER: _ClassVar[int]
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    name: str
    namespace: str
    def __init__(self, name: _Optional[str] = ..., namespace: _Optional[str] = ...) -> None: ...

class CalculateOptimalReplicasResponse(_message.Message):
    __slots__ = ("deploymentReplicas", "problems", "provenGap", "plannedWatts", "tokensPerSecondPerWatt")
    DEPLOYMENTREPLICAS_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    PROVENGAP_FIELD_NUMBER: _ClassVar[int]
    PLANNEDWATTS_FIELD_NUMBER: _ClassVar[int]
    TOKENSPERSECONDPERWATT_FIELD_NUMBER: _ClassVar[int]
    deploymentReplicas: _containers.RepeatedCompositeFieldContainer[DeploymentReplicas]
    problems: _containers.RepeatedCompositeFieldContainer[DeploymentProblem]
    provenGap: float
    plannedWatts: float
    tokensPerSecondPerWatt: float
    def __init__(self, deploymentReplicas: _Optional[_Iterable[_Union[DeploymentReplicas, _Mapping]]] = ..., problems: _Optional[_Iterable[_Union[DeploymentProblem, _Mapping]]] = ..., provenGap: _Optional[float] = ..., plannedWatts: _Optional[float] = ..., tokensPerSecondPerWatt: _Optional[float] = ...) -> None: ...

class DeploymentReplicas(_message.Message):
    __slots__ = ("name", "namespace", "optimalReplicas", "replicaWatts", "secondsBetweenTokens", "joulesPerToken", "usdPerHour", "gramsCo2PerHour", "reason")
    NAME_FIELD_NUMBER: _ClassVar[int]
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    OPTIMALREPLICAS_FIELD_NUMBER: _ClassVar[int]
    REPLICAWATTS_FIELD_NUMBER: _ClassVar[int]
    SECONDSBETWEENTOKENS_FIELD_NUMBER: _ClassVar[int]
    JOULESPERTOKEN_FIELD_NUMBER: _ClassVar[int]
    USDPERHOUR_FIELD_NUMBER: _ClassVar[int]
    GRAMSCO2PERHOUR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    name: str
    namespace: str
    optimalReplicas: int
    replicaWatts: float
    secondsBetweenTokens: float
    joulesPerToken: float
    usdPerHour: float
    gramsCo2PerHour: float
    reason: str
    def __init__(self, name: _Optional[str] = ..., namespace: _Optional[str] = ..., optimalReplicas: _Optional[int] = ..., replicaWatts: _Optional[float] = ..., secondsBetweenTokens: _Optional[float] = ..., joulesPerToken: _Optional[float] = ..., usdPerHour: _Optional[float] = ..., gramsCo2PerHour: _Optional[float] = ..., reason: _Optional[str] = ...) -> None: ...

class DeploymentProblem(_message.Message):
    __slots__ = ("name", "namespace", "reason")
    NAME_FIELD_NUMBER: _ClassVar[int]
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    name: str
    namespace: str
    reason: str
    def __init__(self, name: _Optional[str] = ..., namespace: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ExplainPlanResponse(_message.Message):
    __slots__ = ("plan", "options", "method")
    PLAN_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    plan: CalculateOptimalReplicasResponse
    options: _containers.RepeatedCompositeFieldContainer[DeploymentOptions]
    method: str
    def __init__(self, plan: _Optional[_Union[CalculateOptimalReplicasResponse, _Mapping]] = ..., options: _Optional[_Iterable[_Union[DeploymentOptions, _Mapping]]] = ..., method: _Optional[str] = ...) -> None: ...

class DeploymentOptions(_message.Message):
    __slots__ = ("name", "namespace", "options")
    NAME_FIELD_NUMBER: _ClassVar[int]
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    name: str
    namespace: str
    options: _containers.RepeatedCompositeFieldContainer[ReplicaOption]
    def __init__(self, name: _Optional[str] = ..., namespace: _Optional[str] = ..., options: _Optional[_Iterable[_Union[ReplicaOption, _Mapping]]] = ...) -> None: ...

class ReplicaOption(_message.Message):
    __slots__ = ("replicas", "clocksPercent", "watts", "tokensPerSecond", "chosen")
    REPLICAS_FIELD_NUMBER: _ClassVar[int]
    CLOCKSPERCENT_FIELD_NUMBER: _ClassVar[int]
    WATTS_FIELD_NUMBER: _ClassVar[int]
    TOKENSPERSECOND_FIELD_NUMBER: _ClassVar[int]
    CHOSEN_FIELD_NUMBER: _ClassVar[int]
    replicas: int
    clocksPercent: float
    watts: float
    tokensPerSecond: float
    chosen: bool
    def __init__(self, replicas: _Optional[int] = ..., clocksPercent: _Optional[float] = ..., watts: _Optional[float] = ..., tokensPerSecond: _Optional[float] = ..., chosen: _Optional[bool] = ...) -> None: ...
