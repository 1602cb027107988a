"""Ways back in."""

from __future__ import annotations

from .pack import Pack

PACK = Pack(
    "persistence",
    "Persistence",
    "Ways back in: new users and keys, roles that trust outsiders, federation, functions, and instances.",
    40,
    (
        "iam_access_key_created",
        "iam_admin_policy_attached",
        "iam_certificate_or_ssh_key_uploaded",
        "iam_inline_policy_grants_wide_rights",
        "iam_login_profile_set",
        "iam_managed_policy_widened",
        "iam_mfa_device_removed",
        "iam_oidc_provider_changed",
        "iam_permissions_boundary_removed",
        "iam_role_trusts_any_web_identity",
        "iam_role_trusts_outsider",
        "iam_saml_provider_changed",
        "iam_service_credential_created",
        "iam_user_added_to_group",
        "iam_user_created",
        "identity_center_mfa_weakened",
        "identity_center_source_changed",
        "instance_user_data_changed",
        "key_pair_imported",
        "lambda_code_changed_by_hand",
        "lambda_function_shared_with_outside",
        "lambda_role_or_trigger_changed_by_hand",
        "role_assumed_by_new_account",
        "rolesanywhere_trust_changed",
        "serial_console_opened",
        "ssh_key_pushed_to_instance",
        "sts_federation_token_issued",
    ),
)
