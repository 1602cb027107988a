import { afterEach, describe, expect, it, vi } from 'vitest';

import { act, type Action, explain, Failure, read, saveEntry } from './client';

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

const ACTIONS: Action[] = [
    'approve', 'undo', 'retry', 'remediate', 'hand_over', 'assign', 'excuse', 'kill_switch', 'allow_changes',
    'playbook_ceiling', 'list_entry', 'list_import', 'detections_change', 'pipeline', 'start_accept', 'start_arm',
    'start_choice', 'start_test',
];
const SENDS: [string, () => Promise<unknown>][] = [
    ...ACTIONS.map((name): [string, () => Promise<unknown>] => [name, () => act(name, {})]),
    ['a save of the setup page', () => saveEntry('jira_site', { name: 'main' })],
];

describe.each(SENDS)('%s', (_, send) => {
    afterEach(() => vi.unstubAllGlobals());

    const failing = async (fetched: () => Promise<Response>): Promise<Failure> => {
        vi.stubGlobal('fetch', fetched);
        const failure: unknown = await send().catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(Failure);
        return failure as Failure;
    };
    const answering = (status: number, text: string) => () => Promise.resolve(new Response(text, { status }));

    it.each([
        ['a fault of the server', answering(500, '{"error": "Internal error."}'), 'Internal error.'],
        ['a gateway', answering(502, '<html>'), 'HTTP 502'],
        ['a success that cannot be read', answering(200, '{"reports": ['), 'HTTP 200'],
        ['no answer', () => Promise.reject(new TypeError('reset')), 'cannot be reached'],
        ['no answer in time', () => Promise.reject(new DOMException('', 'TimeoutError')), 'cannot be reached'],
    ])('says after %s that nothing is known, and never that nothing was done', async (__, fetched, said) => {
        const failure = await failing(fetched);
        expect(failure.isUnknown).toBe(true);
        expect(failure.message).toContain(said);
        expect(failure.message).toContain('Whether it was done is not known: look again');
    });

    it.each([
        [403, '{"error": "You may not."}', 'You may not.'],
        [401, '', 'Sign in'],
        [409, '{"error": "Not done."}', 'Not done.'],
        [500, '{"messages": [{"text": "x \\"REST Error [400]: Bad Request -- No token.\\". See splunkd.log"}]}', 'No token.'],
    ])('says what a refusal (%i) says', async (status, text, said) => {
        const failure = await failing(answering(status, text));
        expect([failure.isUnknown, failure.status]).toEqual([false, status]);
        expect(failure.message).toContain(said);
        expect(failure.message).not.toContain('not known');
    });
});

describe('a look', () => {
    it('leaves nothing in doubt: it changes nothing', async () => {
        vi.stubGlobal('fetch', () => Promise.reject(new TypeError('reset')));
        const failure: unknown = await read('health', {}).catch((error: unknown) => error);
        expect((failure as Failure).message).not.toContain('not known');
        expect((failure as Failure).isUnknown).toBe(false);
        vi.unstubAllGlobals();
    });
});
