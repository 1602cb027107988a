import { describe, expect, it } from 'vitest';

import { handedOver } from './handingOver';

const task = '0123456789abcdef0123.ticket.0123456789abcdef';

describe('an event that was handed over', () => {
    it('is in the case of its task', () => {
        const reports = [{ task, state: 'done', waiting_for: '', text: '', message: 'SEC-1 created.' }];
        const found = handedOver({ rows: [{ number: 1, task, recorded: true }], reports });
        expect(found.case).toBe('0123456789abcdef0123');
        expect(found.said.text).toBe('SEC-1 created.');
    });

    it('says why it was not taken, and never that it was where the answer does not say so', () => {
        const refused = handedOver({ rows: [{ number: 1, error: 'No site.', said: 'No site.' }] });
        expect([refused.case, refused.said.text, refused.said.kind]).toEqual(['', 'No site.', 'error']);
        expect(handedOver({}).said.kind).toBe('error');
    });
});
