"""The manifests for Kubernetes are valid, refer to each other, and agree with the images and the lock."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml

ROOT = Path(__file__).parents[3]
FILES = sorted((ROOT / "deploy" / "kuberay").glob("*.yaml"))

#: What KubeRay's API reference names, of which the manifest uses a part. Kubernetes' own schemas do not have them.
SPEC = frozenset({"rayVersion", "authOptions", "enableInTreeAutoscaling", "autoscalerOptions", "headGroupSpec"})
GROUP = frozenset({"rayStartParams", "template"})
WORKERS = GROUP | {"groupName", "replicas", "minReplicas", "maxReplicas"}

MANIFESTS: list[dict[str, Any]] = [each for file in FILES for each in yaml.safe_load_all(file.read_text())]
CLUSTER = next(each for each in MANIFESTS if each["kind"] == "RayCluster")
NATIVE = [each for each in MANIFESTS if each["kind"] != "RayCluster"]
GROUPS = [CLUSTER["spec"]["headGroupSpec"], *CLUSTER["spec"]["workerGroupSpecs"]]


def templates() -> Iterator[dict[str, Any]]:
    """Every pod template of the manifests, those of the RayCluster included."""
    yield from (each["spec"]["template"] for each in NATIVE if each["kind"] == "Deployment")
    yield from (group["template"] for group in GROUPS)


def containers() -> Iterator[dict[str, Any]]:
    """Every container of the manifests."""
    for template in templates():
        yield from template["spec"]["containers"]


def of_group(template: dict[str, Any]) -> dict[str, Any]:
    """A Deployment with a group's pod template, which Kubernetes' schemas can check."""
    labels = {"app": "group"}
    spec = {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, **template}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "group"}, "spec": spec}


def test_kubernetes_schemas_accept_every_object_and_every_pod() -> None:
    """The schemas of Kubernetes, with no unknown field allowed, accept the objects and the pods of the RayCluster."""
    for manifest in [*NATIVE, *(of_group(group["template"]) for group in GROUPS)]:
        kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)


def test_the_cluster_has_the_fields_of_kuberay() -> None:
    """The RayCluster has fields of KubeRay's API reference only, and all that it requires."""
    assert CLUSTER["apiVersion"] == "ray.io/v1"
    assert CLUSTER["spec"].keys() == SPEC | {"workerGroupSpecs"}
    assert CLUSTER["spec"]["headGroupSpec"].keys() == GROUP
    for group in CLUSTER["spec"]["workerGroupSpecs"]:
        assert group.keys() == WORKERS
        assert group["minReplicas"] <= group["replicas"] <= group["maxReplicas"]
    for group in GROUPS:  # KubeRay makes them options of `ray start`
        assert all(isinstance(value, str) for value in group["rayStartParams"].values())


def test_the_cluster_has_the_version_of_ray_in_the_image() -> None:
    """The version of Ray is that of the lock, from which the image is built."""
    locked = re.search(r"^ray==(\S+)", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    assert locked
    assert CLUSTER["spec"]["rayVersion"] == locked[1]


def test_the_head_runs_no_job() -> None:
    """The head has no CPUs for jobs, so that a job cannot take the cluster with it."""
    assert GROUPS[0]["rayStartParams"]["num-cpus"] == "0"


def test_each_container_has_the_settings_of_all() -> None:
    """API, trainer and nodes read their settings from one ConfigMap and one Secret, which exist."""
    existing = {(each["kind"], each["metadata"]["name"]) for each in MANIFESTS}
    sources = [{"configMapRef": {"name": "naivenet"}}, {"secretRef": {"name": "naivenet-keys"}}]
    assert {("ConfigMap", "naivenet"), ("Secret", "naivenet-keys")} <= existing
    assert all(container["envFrom"] == sources for container in containers())


def test_each_container_is_restricted_and_checked() -> None:
    """No container runs as root, writes outside its volumes or has no probe, no size or an unknown image."""
    for template in templates():
        assert template["spec"]["securityContext"]["runAsNonRoot"]
    for container in containers():
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["livenessProbe"]
        assert container["resources"]["limits"]["memory"]
        assert container["image"] in {"naivenet/api", "naivenet/ray"}


def test_the_trainer_finds_the_cluster() -> None:
    """The trainer has the address of the head's Service and the Secret with the token, as KubeRay names them."""
    (trainer,) = (each for each in containers() if each["name"] == "trainer")
    variables = {each["name"]: each.get("value") or each["valueFrom"] for each in trainer["env"]}
    name = CLUSTER["metadata"]["name"]
    assert variables["NAIVENET_RAY_ADDRESS"] == f"{name}-head-svc:6379"
    assert variables["RAY_AUTH_TOKEN"] == {"secretKeyRef": {"name": name, "key": "auth_token"}}


def test_probes_ask_ports_that_are_open() -> None:
    """A node's probe asks the port that `ray start` is given."""
    head, workers = (group["template"]["spec"]["containers"][0]["livenessProbe"] for group in GROUPS)
    assert head["tcpSocket"]["port"] == 6379
    assert str(workers["tcpSocket"]["port"]) == GROUPS[1]["rayStartParams"]["node-manager-port"]
