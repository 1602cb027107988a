"""What the setup page's REST handlers call before they save a form; splunktaucclib looks for it under this name."""

from responder.errors import ResponderError
from responder.logs import to_file
from responder.settings import validation as saving
from responder.splunk.client import Splunkd
from splunktaucclib.rest_handler.error import RestError


class CustomHookMixin:
    def create_hook(self, session_key, config_name, stanza_id, payload):
        self._check(session_key, config_name, stanza_id, payload, new=True)

    def edit_hook(self, session_key, config_name, stanza_id, payload):
        self._check(session_key, config_name, stanza_id, payload, new=False)

    def delete_hook(self, session_key, config_name, stanza_id):
        """Nothing holds an entry back."""

    def _check(self, session_key, config_name, stanza_id, payload, new):
        from splunktaucclib.rest_handler.admin_external import get_splunkd_endpoint

        # The fields' own validators first: no service is asked about a form that is plainly wrong.
        self.endpoint.validate(stanza_id, payload, None if new else {})
        log = to_file("cloudtrail_responder_setup")
        try:
            said = saving.check(Splunkd(get_splunkd_endpoint(), session_key), config_name, stanza_id, payload, new)
        except ResponderError as error:
            log.warning("form=%s entry=%s refused: %s", config_name, stanza_id, error)
            raise RestError(400, str(error)) from error
        log.info("form=%s entry=%s %s", config_name, stanza_id, said or "accepted without a test")
