import { describe, expect, it } from 'vitest';

import { explain } from './client';

describe('a refusal', () => {
    it('is told in the words of the endpoint', () => {
        expect(explain(409, { error: 'Not undone. The state has changed.' })).toBe('Not undone. The state has changed.');
    });

    it('is told in the words of splunkd', () => {
        expect(explain(403, { messages: [{ type: 'ERROR', text: 'Needs a capability.' }] })).toBe('Needs a capability.');
    });

    it('is told without what splunkd puts around the words of the setup page', () => {
        const text =
            'Unexpected error "<class \'splunktaucclib.rest_handler.error.RestError\'>" from python handler: ' +
            '"REST Error [400]: Bad Request -- Jira refused the "token". Enter it again.". See splunkd.log/python.log for more details.';
        expect(explain(400, { messages: [{ type: 'ERROR', text }] })).toBe('Jira refused the "token". Enter it again.');
    });

    it('says what to do where nobody has said anything', () => {
        expect(explain(401, undefined)).toContain('Sign in');
        expect(explain(404, '<html>')).toContain('Restart Splunk');
        expect(explain(502, null)).toContain('HTTP 502');
        expect(explain(403, { messages: 'none' })).toContain('capability');
    });
});
