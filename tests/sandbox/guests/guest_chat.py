"""A hand-written app whose alert action posts to Slack: by bot token through Slack's own SDK, or by webhook."""

from __future__ import annotations

from pathlib import Path

from guest_kit import from_environment, write

APP = "guest_chat"
_FILES = {
    "default/app.conf": """
        [install]
        is_configured = 0

        [ui]
        is_visible = 0
        label = Guest chat

        [launcher]
        version = 2.0.1
        author = guest
    """,
    "default/alert_actions.conf": """
        [guest_chat]
        is_custom = 1
        label = Chat
        description = Posts a message
        icon_path = chat.png
        payload_format = json
        disabled = 0
        param.fields =
        param.from_user = Splunk
        param.from_user_icon = https://example.com/splunk.png
        param.attachment = alert_link
    """,
    "README/alert_actions.conf.spec": """
        [guest_chat]
        param.channel = <string>
        param.message = <string>
        param.webhook_url = <string>
        param.api_url = <string>
    """,
    "metadata/default.meta": """
        []
        access = read : [ * ], write : [ admin ]

        [alert_actions/guest_chat]
        export = system
    """,
    # Old habits of such scripts: lib/ by hand, everything at the top, exit codes of its own, a webhook by urllib.
    "bin/guest_chat.py": """
        import csv
        import gzip
        import json
        import os
        import sys
        import urllib.request
        from collections import OrderedDict

        sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

        import splunk.entity as entity

        OK, ERROR_CODE_UNKNOWN, ERROR_CODE_VALIDATION_FAILED, ERROR_CODE_FORBIDDEN = 0, 1, 2, 4


        def log(msg, *args):
            sys.stderr.write(msg + " ".join([str(a) for a in args]) + "\\n")


        def build_message(payload):
            config, params = payload["configuration"], OrderedDict()
            params["text"] = config["message"]
            params["username"] = config.get("from_user", "Splunk")
            params["icon_url"] = config.get("from_user_icon")
            params["mrkdwn"] = True
            if config.get("channel"):
                params["channel"] = config["channel"]
            if config.get("attachment") == "alert_link":
                title = "Alert: " + payload.get("search_name", "")
                params["attachments"] = [{"fallback": title, "title": title, "title_link": payload["results_link"]}]
            return params


        def bot_token(payload):
            found = entity.getEntities(["admin", "passwords"], namespace=payload["app"], owner="nobody",
                                       sessionKey=payload["session_key"], search="guest_chat")
            for item in found.values():
                if item["username"] == "bot_token":
                    return item["clear_password"]
            return None


        def main(payload):
            config, params = payload["configuration"], build_message(payload)
            with gzip.open(payload["results_file"], "rt", newline="") as results:
                params["text"] += " ({} results)".format(len(list(csv.DictReader(results))))
            if config.get("webhook_url"):
                body = json.dumps(params).encode("utf-8")
                request = urllib.request.Request(config["webhook_url"], body, {"Content-Type": "application/json"})
                answer = urllib.request.urlopen(request)
                log("INFO Slack API responded with HTTP status=%d" % answer.code)
                return OK if 200 <= answer.code < 300 else ERROR_CODE_FORBIDDEN
            token = bot_token(payload)
            if not token:
                log("FATAL No bot token")
                return ERROR_CODE_VALIDATION_FAILED
            from slack_sdk import WebClient
            from slack_sdk.errors import SlackApiError

            try:
                sent = WebClient(token=token, base_url=config["api_url"]).chat_postMessage(**params)
            except SlackApiError as error:
                log("ERROR Slack refused: ", error.response["error"])
                return ERROR_CODE_FORBIDDEN
            log("INFO posted as ", sent["ts"])
            return OK


        if __name__ == "__main__":
            log("INFO Running python %s" % (sys.version_info[0]))
            if len(sys.argv) < 2 or sys.argv[1] != "--execute":
                log("FATAL Unsupported execution mode (expected --execute flag)")
                sys.exit(1)
            try:
                sys.exit(main(json.loads(sys.stdin.read())))
            except Exception as e:
                log("ERROR Unexpected error: ", e)
                sys.exit(3)
    """,
}


def build(folder: Path) -> Path:
    """The app's folder."""
    app = write(folder / APP, _FILES)
    from_environment(app / "lib", "slack_sdk")
    return app
