import { describe, expect, it } from 'vitest';

import { explain } from './client';

describe('a refusal', () => {
    it('is told in the words of the endpoint', () => {
        expect(explain(409, { error: 'Not undone. The state has changed.' })).toBe('Not undone. The state has changed.');
    });

    it('is told in the words of splunkd', () => {
        expect(explain(403, { messages: [{ type: 'ERROR', text: 'Needs a capability.' }] })).toBe('Needs a capability.');
    });

    it('says what to do where nobody has said anything', () => {
        expect(explain(401, undefined)).toContain('Sign in');
        expect(explain(404, '<html>')).toContain('Restart Splunk');
        expect(explain(502, null)).toContain('HTTP 502');
        expect(explain(403, { messages: 'none' })).toContain('capability');
    });
});
