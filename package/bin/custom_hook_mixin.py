"""What the setup page's REST handlers call before they save a form; splunktaucclib looks for it under this name.

Nothing of the app is imported at the top: splunktaucclib takes an ImportError of this module to mean that there is no
hook, and would then save every form unchecked.
"""


class CustomHookMixin:
    def create_hook(self, session_key, config_name, stanza_id, payload):
        self._before("create", session_key, config_name, stanza_id, payload)

    def edit_hook(self, session_key, config_name, stanza_id, payload):
        self._before("edit", session_key, config_name, stanza_id, payload)

    def delete_hook(self, session_key, config_name, stanza_id):
        self._before("delete", session_key, config_name, stanza_id, None)

    def _before(self, action, session_key, config_name, stanza_id, payload):
        from responder.endpoints import setup_page
        from responder.errors import ResponderError
        from responder.logs import to_file
        from responder.splunk.client import Splunkd
        from splunktaucclib.rest_handler.admin_external import get_splunkd_endpoint
        from splunktaucclib.rest_handler.error import RestError

        log = to_file("cloudtrail_responder_setup")
        # The entry's name is still whatever the caller made of it; the log's formatter quotes it.
        about = (action, config_name, stanza_id)
        splunkd = Splunkd(get_splunkd_endpoint(), session_key)
        message = ""
        try:
            user = setup_page.require_administrator(splunkd)
            if payload is not None:
                # The fields' own validators first: no service is asked about a form that is plainly wrong.
                self.endpoint.validate(stanza_id, payload, {} if action == "edit" else None)
                accepted = setup_page.ask(splunkd, config_name, stanza_id, payload, new=action == "create")
                for unchanged in accepted.unchanged:
                    payload.pop(unchanged, None)
                payload.update(accepted.fields)
                message = accepted.message
        except ResponderError as error:
            log.warning("action=%s form=%s entry=%s refused: %s", *about, error)
            raise RestError(setup_page.status_of(error), str(error)) from error
        log.info("action=%s form=%s entry=%s user=%s %s", *about, user, message or "accepted without a test")
