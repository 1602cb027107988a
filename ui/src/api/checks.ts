// Written by `python -m tools.entry_checks` from globalConfig.json. Do not edit.
// By table and field of the setup page: a pattern, and what to say where a value does not match it.
export const CHECKS: Record<string, Record<string, [string, string][]>> = {
    "aws_account": {
        "name": [
            [
                "^[\\s\\S]{1,50}$",
                "Enter a name of 1 to 50 characters."
            ],
            [
                "^[A-Za-z][A-Za-z0-9_-]*$",
                "Start with a letter, and use letters, digits, hyphens and underscores only."
            ]
        ],
        "accounts_from": [
            [
                "^(one|list|organization)$",
                "Choose one, list or organization."
            ]
        ],
        "account_id": [
            [
                "^\\d{12}$",
                "Enter the 12 digits of the account ID."
            ]
        ],
        "account_ids": [
            [
                "^\\s*(?:\\d{12}(?:[,\\s]+\\d{12})*[,\\s]*)?$",
                "Enter account IDs of 12 digits, separated by commas."
            ],
            [
                "^[\\s\\S]{0,40000}$",
                "Enter at most 40000 characters."
            ]
        ],
        "organizational_units": [
            [
                "^\\s*(?:(?:ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}|r-[0-9a-z]{4,32})(?:[,\\s]+(?:ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}|r-[0-9a-z]{4,32}))*[,\\s]*)?$",
                "Enter IDs such as ou-ab12-11111111, separated by commas."
            ],
            [
                "^[\\s\\S]{0,4000}$",
                "Enter at most 4000 characters."
            ]
        ],
        "account_tags": [
            [
                "^\\s*(?:[\\w.:/+@-]{1,128}=[\\w.:/+@=-]{0,256}(?:[,\\s]+[\\w.:/+@-]{1,128}=[\\w.:/+@=-]{0,256})*[,\\s]*)?$",
                "Enter tags as key=value, separated by commas."
            ],
            [
                "^[\\s\\S]{0,4000}$",
                "Enter at most 4000 characters."
            ]
        ],
        "management_account_id": [
            [
                "^\\d{12}$",
                "Enter the 12 digits of the account ID."
            ]
        ],
        "auth_type": [
            [
                "^(access_key|host_role)$",
                "Choose access_key or host_role."
            ]
        ],
        "access_key_id": [
            [
                "^AKIA[A-Z0-9]{12,124}$",
                "Enter a long-term access key ID: AKIA, followed by capital letters and digits."
            ]
        ],
        "secret_access_key": [
            [
                "^\\S+(?!\\s)$",
                "The secret access key contains a space or a line break. Paste it again."
            ],
            [
                "^[\\s\\S]{0,1024}$",
                "Enter at most 1024 characters."
            ]
        ],
        "role_arn": [
            [
                "^arn:aws(?:-[a-z]+)*:iam::(?:\\d{12}|\\{account_id\\}):role/(?:[\\w+=,.@/-]|\\{account_id\\}){1,576}$",
                "Enter the ARN of an IAM role, such as arn:aws:iam::123456789012:role/CloudTrailResponder."
            ]
        ],
        "read_role_arn": [
            [
                "^arn:aws(?:-[a-z]+)*:iam::(?:\\d{12}|\\{account_id\\}):role/(?:[\\w+=,.@/-]|\\{account_id\\}){1,576}$",
                "Enter the ARN of an IAM role, such as arn:aws:iam::123456789012:role/CloudTrailResponder."
            ]
        ],
        "external_id": [
            [
                "^[\\w+=,.@:/-]{2,1224}$",
                "Enter 2 to 1224 letters, digits and the characters _+=,.@:/-."
            ]
        ],
        "list_role_arn": [
            [
                "^arn:aws(?:-[a-z]+)*:iam::\\d{12}:role/[\\w+=,.@/-]{1,576}$",
                "Enter the ARN of an IAM role, such as arn:aws:iam::123456789012:role/CloudTrailResponder."
            ]
        ],
        "default_region": [
            [
                "^[a-z]{2,4}(?:-[a-z]+)+-\\d{1,2}$",
                "Enter a region, such as eu-central-1."
            ]
        ],
        "regions": [
            [
                "^\\s*[a-z]{2,4}(?:-[a-z]+)+-\\d{1,2}(?:[,\\s]+[a-z]{2,4}(?:-[a-z]+)+-\\d{1,2})*[,\\s]*$",
                "Enter regions separated by commas, such as eu-central-1, us-east-1."
            ],
            [
                "^[\\s\\S]{0,2000}$",
                "Enter at most 2000 characters."
            ]
        ],
        "mode_ceiling": [
            [
                "^(simulate|approve|enforce)$",
                "Choose simulate, approve or enforce."
            ]
        ],
        "proxy": [
            [
                "^(default|none)$",
                "Choose default or none."
            ]
        ],
        "ca_bundle": [
            [
                "^(?:/|[A-Za-z]:[\\\\/])[^\\r\\n]+$",
                "Enter an absolute path."
            ],
            [
                "^[\\s\\S]{0,1000}$",
                "Enter at most 1000 characters."
            ]
        ]
    },
    "jira_site": {
        "name": [
            [
                "^[\\s\\S]{1,50}$",
                "Enter a name of 1 to 50 characters."
            ],
            [
                "^[A-Za-z][A-Za-z0-9_-]*$",
                "Start with a letter, and use letters, digits, hyphens and underscores only."
            ]
        ],
        "deployment": [
            [
                "^(cloud|datacenter)$",
                "Choose cloud or datacenter."
            ]
        ],
        "url": [
            [
                "^(?:https://[^\\s/?#@]+|http://(?:127\\.0\\.0\\.1|localhost|\\[::1\\])(?::\\d{1,5})?)(?:/[^\\s?#]*)?$",
                "Enter an https:// address without a user name, query or fragment."
            ],
            [
                "^[\\s\\S]{0,500}$",
                "Enter at most 500 characters."
            ]
        ],
        "email": [
            [
                "^[^\\s@]+@[^\\s@]+$",
                "Enter an email address."
            ]
        ],
        "auth_type": [
            [
                "^(api_token|scoped_token)$",
                "Choose api_token or scoped_token."
            ]
        ],
        "api_token": [
            [
                "^\\S+(?!\\s)$",
                "The API token contains a space or a line break. Paste it again."
            ],
            [
                "^[\\s\\S]{0,2048}$",
                "Enter at most 2048 characters."
            ]
        ],
        "personal_access_token": [
            [
                "^\\S+(?!\\s)$",
                "The personal access token contains a space or a line break. Paste it again."
            ],
            [
                "^[\\s\\S]{0,2048}$",
                "Enter at most 2048 characters."
            ]
        ],
        "default_project": [
            [
                "^[A-Z][A-Z0-9_]{1,254}$",
                "Enter a project key in capital letters and digits, such as SEC."
            ]
        ],
        "default_issue_type": [
            [
                "^[\\s\\S]{0,60}$",
                "Enter at most 60 characters."
            ]
        ],
        "priority_by_severity": [
            [
                "^\\s*(?:(?:critical|high|medium|low|informational)\\s*=\\s*[^,;=\\n]+(?:[,;\\n]+\\s*(?:critical|high|medium|low|informational)\\s*=\\s*[^,;=\\n]+)*[,;\\s]*)?$",
                "Enter pairs of severity and priority, such as critical=Highest, high=High."
            ],
            [
                "^[\\s\\S]{0,1000}$",
                "Enter at most 1000 characters."
            ]
        ],
        "due_days_by_severity": [
            [
                "^\\s*(?:(?:critical|high|medium|low|informational)\\s*=\\s*\\d{1,4}\\s*(?:[,;\\n]+\\s*(?:critical|high|medium|low|informational)\\s*=\\s*\\d{1,4}\\s*)*[,;\\s]*)?$",
                "Enter pairs of severity and days, such as critical=1, high=3."
            ],
            [
                "^[\\s\\S]{0,1000}$",
                "Enter at most 1000 characters."
            ]
        ],
        "security_level": [
            [
                "^[\\s\\S]{0,255}$",
                "Enter at most 255 characters."
            ]
        ],
        "parent": [
            [
                "^(?:[A-Za-z][A-Za-z0-9_]{0,79}-[1-9]\\d{0,17})?$",
                "Enter the key of a ticket, such as SEC-1."
            ],
            [
                "^[\\s\\S]{0,100}$",
                "Enter at most 100 characters."
            ]
        ],
        "fields": [
            [
                "^\\s*(?:[^=\\n]+=[^\\n]+(?:\\n+[^=\\n]+=[^\\n]+)*\\s*)?$",
                "Enter a line such as Team = Cloud security for each field."
            ],
            [
                "^[\\s\\S]{0,8000}$",
                "Enter at most 8000 characters."
            ]
        ],
        "ticket_title": [
            [
                "^[\\s\\S]{0,200}$",
                "Enter at most 200 characters."
            ]
        ],
        "ticket_text": [
            [
                "^[\\s\\S]{0,4000}$",
                "Enter at most 4000 characters."
            ]
        ],
        "contained_status": [
            [
                "^[\\s\\S]{0,300}$",
                "Enter at most 300 characters."
            ]
        ],
        "contained_when": [
            [
                "^(verified|proved)$",
                "Choose verified or proved."
            ]
        ],
        "contained_resolution": [
            [
                "^[\\s\\S]{0,300}$",
                "Enter at most 300 characters."
            ]
        ],
        "undone_status": [
            [
                "^[\\s\\S]{0,300}$",
                "Enter at most 300 characters."
            ]
        ],
        "excused_status": [
            [
                "^[\\s\\S]{0,300}$",
                "Enter at most 300 characters."
            ]
        ],
        "excused_resolution": [
            [
                "^[\\s\\S]{0,300}$",
                "Enter at most 300 characters."
            ]
        ],
        "moved_fields": [
            [
                "^\\s*(?:[^=\\n]+=[^\\n]+(?:\\n+[^=\\n]+=[^\\n]+)*\\s*)?$",
                "Enter a line such as Root cause = Attack for each field."
            ],
            [
                "^[\\s\\S]{0,8000}$",
                "Enter at most 8000 characters."
            ]
        ],
        "reopened_status": [
            [
                "^[\\s\\S]{0,300}$",
                "Enter at most 300 characters."
            ]
        ],
        "link_type": [
            [
                "^[\\s\\S]{0,60}$",
                "Enter at most 60 characters."
            ]
        ],
        "request_type": [
            [
                "^[\\s\\S]{0,60}$",
                "Enter at most 60 characters."
            ]
        ],
        "organizations": [
            [
                "^[\\s\\S]{0,300}$",
                "Enter at most 300 characters."
            ]
        ],
        "answerers": [
            [
                "^\\s*(?:[A-Za-z0-9_.+'@:\\\\-]{1,128}(?:=[\\w.+@\\\\-]{1,80})?[,\\s]*)*$",
                "Enter account IDs, email addresses or user names, separated by commas."
            ],
            [
                "^[\\s\\S]{0,8000}$",
                "Enter at most 8000 characters."
            ]
        ],
        "answer_groups": [
            [
                "^[\\s\\S]{0,2000}$",
                "Enter at most 2000 characters."
            ]
        ],
        "answer_statuses": [
            [
                "^\\s*(?:[^=,;\\r\\n]{1,60}=\\s*(?:[aA]pprove|[rR]eject|[eE]xcuse)\\s*(?:,\\s*|$))*$",
                "Enter pairs such as Approved=approve, separated by commas; the answers are approve, reject and excuse."
            ],
            [
                "^[\\s\\S]{0,2000}$",
                "Enter at most 2000 characters."
            ]
        ],
        "answer_labels": [
            [
                "^\\s*(?:[^\\s=,;]{1,255}\\s*=\\s*(?:[aA]pprove|[rR]eject|[eE]xcuse)\\s*(?:,\\s*|$))*$",
                "Enter pairs such as ctr-approve=approve, separated by commas; the answers are approve, reject and excuse."
            ],
            [
                "^[\\s\\S]{0,2000}$",
                "Enter at most 2000 characters."
            ]
        ],
        "webhook_index": [
            [
                "^(?:[a-z0-9][a-z0-9_-]{0,79})?$",
                "Enter the name of an index."
            ]
        ],
        "proxy": [
            [
                "^(default|none)$",
                "Choose default or none."
            ]
        ],
        "ca_bundle": [
            [
                "^(?:/|[A-Za-z]:[\\\\/])[^\\r\\n]+$",
                "Enter an absolute path."
            ],
            [
                "^[\\s\\S]{0,1000}$",
                "Enter at most 1000 characters."
            ]
        ]
    },
    "slack_workspace": {
        "name": [
            [
                "^[\\s\\S]{1,50}$",
                "Enter a name of 1 to 50 characters."
            ],
            [
                "^[A-Za-z][A-Za-z0-9_-]*$",
                "Start with a letter, and use letters, digits, hyphens and underscores only."
            ]
        ],
        "auth_type": [
            [
                "^(bot|webhook)$",
                "Choose bot or webhook."
            ]
        ],
        "bot_token": [
            [
                "^(?:xoxb-\\S+|\\*{6,8})$",
                "Enter a bot token; it starts with xoxb-."
            ],
            [
                "^[\\s\\S]{0,500}$",
                "Enter at most 500 characters."
            ]
        ],
        "webhook_url": [
            [
                "^(?:https://\\S+|http://(?:127\\.0\\.0\\.1|localhost|\\[::1\\])[:/]\\S+|\\*{6,8})$",
                "Enter a webhook URL; it starts with https://."
            ],
            [
                "^[\\s\\S]{0,1000}$",
                "Enter at most 1000 characters."
            ]
        ],
        "default_channel": [
            [
                "^(?:[CGDUW][A-Z0-9]{6,20}|#?[^\\s#@:,.A-Z]{1,80}|[\\w.+'-]{1,64}@[A-Za-z0-9.-]{1,190})$",
                "Enter a channel ID such as C0123456789, or a name such as #security-alerts."
            ]
        ],
        "app_token": [
            [
                "^(?:xapp-\\S+|\\*{6,8})?$",
                "Enter an app-level token; it starts with xapp-."
            ],
            [
                "^[\\s\\S]{0,500}$",
                "Enter at most 500 characters."
            ]
        ],
        "answerers": [
            [
                "^\\s*(?:(?:[UW][A-Z0-9]{7,}(?:=[\\w.+@\\\\-]{1,80})?|S[A-Z0-9]{7,}|[\\w.+'-]{1,64}@[A-Za-z0-9.-]{1,190})[,\\s]*)*$",
                "Enter member IDs, email addresses and user group IDs, separated by commas."
            ],
            [
                "^[\\s\\S]{0,8000}$",
                "Enter at most 8000 characters."
            ]
        ],
        "proxy": [
            [
                "^(default|none)$",
                "Choose default or none."
            ]
        ],
        "ca_bundle": [
            [
                "^(?:/|[A-Za-z]:[\\\\/])[^\\r\\n]+$",
                "Enter an absolute path."
            ],
            [
                "^[\\s\\S]{0,1000}$",
                "Enter at most 1000 characters."
            ]
        ]
    }
};
