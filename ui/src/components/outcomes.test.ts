import { describe, expect, it } from 'vitest';

import { outcome } from './outcomes';

const report = (more: object) => ({ reports: [{ state: 'done', waiting_for: '', text: '', message: 'Said.', ...more }] });

describe('what is said after a decision', () => {
    it('is how the remediation stands, not only that it was decided', () => {
        const made = outcome(report({ text: 'Done' }), 'Approved.');
        expect(made).toEqual({ title: 'Done', text: 'Said.', kind: 'success' });
        const refused = outcome(report({ state: 'refused', text: 'Refused by a guardrail: nothing was changed' }), 'Approved.');
        expect(refused.title).toBe('Refused by a guardrail: nothing was changed');
        expect(refused.kind).toBe('error');
    });

    it('names what is still to come as such', () => {
        const busy = outcome(report({ state: 'busy', waiting_for: 'time' }), 'Approved.');
        expect(busy.title).toBe('Approved. It continues in about a minute');
        expect(busy.kind).toBe('warning');
        const asked = outcome(report({ state: 'waiting', waiting_for: 'approval', text: 'Waiting for approval' }), '');
        expect(asked.kind).toBe('info');
    });

    it('takes what was rejected for what was wanted', () => {
        expect(outcome(report({ state: 'refused', text: 'Rejected by a person' }), 'Rejected.', true).kind).toBe('success');
        expect(outcome(report({ state: 'failed' }), 'Rejected.', true).kind).toBe('error');
    });

    it('counts approvals by the answer, not by what the page has shown before', () => {
        expect(outcome({ decision: '', missing: 1, reports: [] }, 'Approved.').text).toBe('It is carried out after one more approval.');
        expect(outcome({ decision: '', missing: 2, reports: [] }, 'Approved.').text).toContain('2 more approvals');
    });

    it('is the words of the endpoint where it has some, and never nothing', () => {
        expect(outcome({ message: 'The case belongs to kim.' }, 'Assigned.').text).toBe('The case belongs to kim.');
        for (const strange of [undefined, null, {}, { reports: 'x' }, { reports: [] }]) {
            expect(outcome(strange, 'Asked.').text).toBe('Asked.');
        }
    });
});
