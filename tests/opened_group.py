"""The finding of a security group that was opened to the world, as tests of tickets and messages have it."""

from __future__ import annotations

from responder.findings.finding import Finding

OPENED_GROUP = Finding(
    signature_id="security_group_opened",
    signature="Security group opened to the world",
    severity="high",
    dedup_key="security_group_opened|111122223333|sg-0abc12345",
    mitre_technique_id="T1562.007",
    vendor_account="111122223333",
    vendor_region="eu-central-1",
    user="alice",
    user_type="IAMUser",
    user_arn="arn:aws:iam::111122223333:user/alice",
    access_key_id="AKIAIOSFODNN7EXAMPLE",
    src_ip="198.51.100.7",
    src_country="Atlantis",
    user_agent="Boto3/1.42 md/Botocore#1.42",
    object_category="AWS::EC2::SecurityGroup",
    object_id="sg-0abc12345",
    command="AuthorizeSecurityGroupIngress",
    reason="Port 22 was opened to 0.0.0.0/0.",
    event_ids=("4f1c0000-0000-4000-8000-000000000001", "4f1c0000-0000-4000-8000-000000000002"),
    event_count=2,
    first_time=1_789_000_000.0,
    last_time=1_789_000_060.0,
    recommended_playbook="revoke_open_ingress",
)
