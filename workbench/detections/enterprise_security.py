"""What Enterprise Security reads of a saved search: a correlation search (ES 7), a detection (ES 8).

The keys are those that Splunk's own content has (contentctl 5.6, savedsearches_detections.j2). None of them is a key of
savedsearches.conf.spec but ``action.<name>`` and ``action.<name>.param.<p>``, which any app's alert action may have:
without Enterprise Security they mean nothing. Its actions are off as shipped.
"""

from __future__ import annotations

import json
import uuid
from functools import lru_cache
from pathlib import Path
from typing import Any

from . import frameworks
from .model import SEVERITIES, Detection

CONFIG = Path(__file__).resolve().parents[2] / "globalConfig.json"
#: 2026-11-01, when they were first published. Not the time of a build: the same sources give the same bytes.
PUBLISHED = 1793491200
#: Security domain and analytic story of a family. One that is not here is a threat, told by its name.
FAMILIES = {
    "access_key_recon": ("threat", "AWS Reconnaissance With Access Keys"),
    "bedrock_abuse": ("threat", "AWS Bedrock Abuse"),
    "cluster_and_host_access": ("threat", "AWS Clusters and Hosts Entered"),
    "console_login_failures": ("access", "AWS Console Password Attacks"),
    "console_login_no_mfa": ("access", "AWS Console Sign-in Without MFA"),
    "cost_abuse": ("threat", "AWS Accounts Used Up"),
    "credential_exfiltration": ("access", "AWS Credential Theft"),
    "data_copied_out": ("threat", "AWS Data Exfiltration"),
    "data_destroyed": ("threat", "AWS Data Destruction"),
    "dns": ("network", "AWS Suspicious DNS Queries"),
    "ec2_changes": ("threat", "AWS EC2 Weakened"),
    "ec2_persistence": ("threat", "AWS EC2 Persistence"),
    "federation_or_saml_change": ("identity", "AWS Federation Changed"),
    "foreign_geo_api": ("access", "AWS Access From Foreign Countries"),
    "iam_privilege_grant": ("identity", "AWS IAM Privilege Escalation"),
    "iam_role_backdoor": ("identity", "AWS IAM Role Backdoors"),
    "iam_user_or_key_creation": ("identity", "AWS IAM Users and Credentials Created"),
    "kms_destruction": ("threat", "AWS KMS Key Destruction"),
    "lambda_backdoor": ("threat", "AWS Lambda Backdoors"),
    "logging_tampering": ("audit", "AWS Security Logging Weakened"),
    "mfa_removed": ("identity", "AWS MFA Removed"),
    "names_and_routes_changed": ("network", "AWS DNS Hijacking"),
    "network_path_opened": ("network", "AWS Network Paths Changed"),
    "open_network_acl": ("network", "AWS Network Opened to the Internet"),
    "open_security_group": ("network", "AWS Network Opened to the Internet"),
    "org_departure": ("audit", "AWS Organization Guardrails Removed"),
    "organization_and_trust_change": ("audit", "AWS Organization and Trust Changed"),
    "password_policy_weakened": ("identity", "AWS Password Policy Weakened"),
    "public_resource_policy": ("threat", "AWS Resources Shared Outside"),
    "public_s3": ("threat", "AWS S3 Buckets Opened"),
    "public_snapshot_or_image": ("threat", "AWS Snapshots and Images Shared"),
    "ransomware_s3": ("threat", "AWS S3 Ransomware"),
    "rds_tampering": ("threat", "AWS Database Tampering"),
    "region_enabled_or_unused": ("threat", "AWS Unused Regions"),
    "role_passed_to_compute": ("identity", "AWS Roles Passed to Compute"),
    "root_activity": ("access", "AWS Root User Activity"),
    "ses_abuse": ("threat", "AWS SES Abuse"),
    "session_and_sign_in_abuse": ("access", "AWS Session and Sign-in Abuse"),
    "trail_tampering": ("audit", "AWS CloudTrail Tampering"),
    "unauthorised_ip": ("access", "AWS Access From Unknown Networks"),
    "unusual_instance_launch": ("threat", "AWS Unusual Instance Launches"),
    "vpc_flow": ("network", "AWS Suspicious Network Traffic"),
    "web_front_changed": ("threat", "AWS Web Front Changed"),
}
DATA_SOURCES = {"cloudtrail": "AWS CloudTrail", "vpcflow": "AWS VPC Flow Logs", "resolver": "AWS Route 53 Resolver"}
#: Kind of risk object -> risk of one finding, in the order of SEVERITIES. Enterprise Security tells of an object at a
#: sum of 100 in a day: two critical findings of a principal are, and an account, where everything happens, needs many.
SCORES = {"user": (10, 25, 40, 60, 80), "system": (10, 20, 30, 45, 60), "other": (5, 5, 10, 15, 25)}
#: The same for what only deviates from what is usual, which may come every hour.
SCORES_OF_ANOMALIES = {"user": (5, 10, 15, 20, 30), "system": (5, 10, 15, 20, 30), "other": (1, 2, 3, 4, 5)}
#: Actions of the app that its menu in Enterprise Security puts first.
RECOMMENDED_ACTIONS = ("responder_create_ticket", "responder_notify_slack", "responder_remediate")
#: An object that is an instance, whatever the finding.
INSTANCE = '"AWS::EC2::Instance"'


def settings(detection: Detection, name: str) -> dict[str, str]:
    """The keys of ``[name]`` in savedsearches.conf."""
    return {
        "action.correlationsearch.enabled": "1",
        "action.correlationsearch.label": name,
        "action.correlationsearch.detection_type": "ebd",
        "action.correlationsearch.annotations": json.dumps(annotations_of(detection)),
        "action.correlationsearch.metadata": json.dumps(metadata(detection)),
        "action.notable": "0",
        **{f"action.notable.param.{key}": value for key, value in notable(detection).items()},
        "action.risk": "0",
        "action.risk.param._risk": json.dumps(risk(detection)),
        "action.risk.param._risk_message": "$signature$: $reason$",
        "action.risk.param._risk_score": "0",
        "action.risk.param.verbose": "0",
    }


def security_domain(detection: Detection) -> str:
    return FAMILIES[detection.family][0] if detection.family in FAMILIES else "threat"


def story(detection: Detection) -> str:
    known = FAMILIES.get(detection.family)
    return known[1] if known else f"AWS {detection.family.replace('_', ' ').title()}"


def is_anomaly(detection: Detection) -> bool:
    """It finds what is not usual, or what is hardly worth a look by itself."""
    return detection.baseline is not None or SEVERITIES.index(detection.severity) <= SEVERITIES.index("low")


def annotations_of(detection: Detection) -> dict[str, Any]:
    techniques = detection.techniques
    kind = "Anomaly" if is_anomaly(detection) else "TTP"
    return {
        "analytic_story": [story(detection)],
        "cis20": frameworks.cis(techniques),
        "kill_chain_phases": frameworks.kill_chain_phases(techniques),
        "mitre_attack": list(techniques),
        "nist": frameworks.nist(is_anomaly(detection)),
        "data_source": [DATA_SOURCES[detection.source]],
        "type": kind,
        "type_list": [kind],
    }


def metadata(detection: Detection) -> dict[str, str | int]:
    """The id never changes, because that of a detection does not; the version is that of the app, as a whole number."""
    major, minor, patch = (int(part) for part in app_version().split("."))
    return {
        "deprecated": "0",
        "detection_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:cloudtrail_responder:detection:{detection.id}")),
        "detection_version": str(major * 10_000 + minor * 100 + patch),
        "publish_time": PUBLISHED,
    }


@lru_cache(maxsize=1)
def app_version() -> str:
    return str(json.loads(CONFIG.read_text(encoding="utf-8"))["meta"]["version"])


def main_entity(detection: Detection) -> tuple[str, str]:
    """Field and kind of what a finding is about. Flow logs and DNS name no user."""
    return ("user", "user") if detection.source == "cloudtrail" else ("object_id", "system")


def notable(detection: Detection) -> dict[str, str]:
    field, kind = main_entity(detection)
    # The score is that of the action risk; here the entity only says whom the finding is about.
    entity = {"risk_object_field": field, "risk_object_type": kind, "risk_score": 0}
    last = None if detection.recommended_playbook or detection.finding.playbook else -1
    return {
        "rule_title": f"$signature$: ${field}$ in $vendor_account$",
        "rule_description": "$reason$",
        "security_domain": security_domain(detection),
        "severity": detection.severity,
        "nes_fields": ",".join(dict.fromkeys([field, "vendor_account", "object_id"])),
        "drilldown_searches": json.dumps(drilldowns(detection)),
        "recommended_actions": ",".join(RECOMMENDED_ACTIONS[:last]),
        "_entities": json.dumps([entity]),
    }


def drilldowns(detection: Detection) -> list[dict[str, str]]:
    """The records that a finding is made of, over the time that its search covered.

    Found by the account, a word that stands in every shape of a record, and picked out by their ids, however the many
    values of a field are put into a token. A token goes into SPL as text, and ``|s`` puts quotes around it but may
    leave a backslash alone: so nothing that a caller can choose (a name, a user agent, a resource) is one, only what
    AWS made.
    """
    read = {
        "cloudtrail": "| `cloudtrail_drop_extracted_fields` | `cloudtrail_normalize` "
        "| spath output=event_id path=eventID",
        "vpcflow": "| `vpcflow_record`",
        "resolver": "| `resolver_record`",
    }[detection.source]
    index = {"cloudtrail": "`cloudtrail_index`", "vpcflow": "`vpcflow_index`", "resolver": "`resolver_index`"}
    search = f"{index[detection.source]} $vendor_account|s$ {read} | where match($event_ids|s$, event_id)"
    return [
        {
            "name": "Records of the finding",
            "search": search,
            "earliest_offset": "$info_min_time$",
            "latest_offset": "$info_max_time$",
        }
    ]


def risk(detection: Detection) -> list[dict[str, str | int]]:
    """Risk objects with a score each, and what the caller came from and with, which is no object and has none."""
    scores = SCORES_OF_ANOMALIES if is_anomaly(detection) else SCORES
    objects = dict([main_entity(detection)])
    if detection.source == "cloudtrail" and detection.finding.object_category == INSTANCE:
        objects["object_id"] = "system"
    objects["vendor_account"] = "other"
    made: list[dict[str, str | int]] = [
        {"risk_object_field": field, "risk_object_type": kind, "risk_score": scores[kind][_rank(detection)]}
        for field, kind in objects.items()
    ]
    if detection.source == "cloudtrail":
        made.append({"threat_object_field": "src_ip", "threat_object_type": "ip_address"})
        made.append({"threat_object_field": "user_agent", "threat_object_type": "http_user_agent"})
    return made


def _rank(detection: Detection) -> int:
    return SEVERITIES.index(detection.severity)
