/** Asks the app's endpoints through Splunk Web, as the person who is signed in. */
import { createFetchInit } from '@splunk/splunk-utils/fetch';
import { createRESTURL } from '@splunk/splunk-utils/url';

import type { Answers } from './answers';

export const APP = 'cloudtrail_responder';
/** Seconds after which an answer is given up: to read is quick, to act may take as long as AWS does. */
const READS = 45;
const ACTS = 300;

/** Endpoints that change something; each decides for itself whether whoever asks may. */
export type Action =
    | 'approve'
    | 'undo'
    | 'retry'
    | 'remediate'
    | 'hand_over'
    | 'assign'
    | 'excuse'
    | 'kill_switch'
    | 'allow_changes'
    | 'playbook_ceiling'
    | 'list_entry'
    | 'list_import'
    | 'detections_change'
    | 'pipeline'
    | 'start_accept'
    | 'start_arm'
    | 'start_choice'
    | 'start_test';

/** Why an endpoint gave no answer. `message` says what failed and what to do. */
export class Failure extends Error {
    /** HTTP status; 0 where there was no answer. */
    readonly status: number;
    /** Of what was to change something: whether it may have been done all the same. */
    readonly isUnknown: boolean;

    constructor(message: string, status: number, isUnknown = false) {
        super(message);
        this.name = 'Failure';
        this.status = status;
        this.isUnknown = isUnknown;
    }

    get isForbidden(): boolean {
        return this.status === 403;
    }

    get isSignedOut(): boolean {
        return this.status === 401;
    }
}

/** Rejects with a `Failure`, or with an AbortError once `signal` has been aborted. */
export function read<Name extends keyof Answers>(
    endpoint: Name,
    body: Record<string, unknown>,
    signal?: AbortSignal
): Promise<Answers[Name]> {
    return undoubted(post(endpoint, body, READS, signal)) as Promise<Answers[Name]>;
}

/** What changes nothing and takes its time all the same. Rejects as `read` does. */
export function study(endpoint: 'pipeline', body: Record<string, unknown>): Promise<unknown> {
    return undoubted(post(endpoint, body, ACTS));
}

/** Whoever only looks leaves nothing unknown behind. */
async function undoubted(sent: Promise<unknown>): Promise<unknown> {
    try {
        return await sent;
    } catch (error) {
        throw error instanceof Failure ? new Failure(error.message, error.status) : error;
    }
}

/** Rejects with a `Failure`, which says that nothing is known where that is so, and never that nothing was done. */
export function act(endpoint: Action, body: Record<string, unknown>): Promise<unknown> {
    return doubting(post(endpoint, body, ACTS));
}

const DOUBT = 'Whether it was done is not known: look again before you repeat it.';

async function doubting(sent: Promise<unknown>): Promise<unknown> {
    try {
        return await sent;
    } catch (error) {
        if (!(error instanceof Failure) || !error.isUnknown) throw error;
        throw new Failure(`${error.message} ${DOUBT}`, error.status, true);
    }
}

/** Tables of the setup page. */
export type Table = 'aws_account' | 'jira_site' | 'slack_workspace';

/** Saves an entry as the setup page does, which tests it before; of an `entry` that is there, these fields only. */
export async function saveEntry(table: Table, fields: Record<string, string>, entry?: string): Promise<void> {
    const path = `${APP}_${table}${entry === undefined ? '' : `/${encodeURIComponent(entry)}`}`;
    await doubting(send(path, 'application/x-www-form-urlencoded', new URLSearchParams(fields).toString(), ACTS));
}

function post(
    endpoint: string,
    body: Record<string, unknown>,
    seconds: number,
    signal?: AbortSignal
): Promise<unknown> {
    return send(`${APP}/${endpoint}`, 'application/json', JSON.stringify(body), seconds, signal);
}

async function send(
    path: string,
    type: string,
    body: string,
    seconds: number,
    signal?: AbortSignal
): Promise<unknown> {
    const url = createRESTURL(path, { app: APP, owner: 'nobody' });
    const waits = AbortSignal.timeout(seconds * 1000);
    const init = createFetchInit({
        method: 'POST',
        headers: { 'Content-Type': type },
        body,
        signal: signal ? anyOf([signal, waits]) : waits,
    });
    let answer: Response;
    let text: string;
    try {
        answer = await fetch(`${url}?output_mode=json`, init);
        text = await answer.text();
    } catch (error) {
        if (signal?.aborted) throw error;
        throw new Failure(
            waits.aborted
                ? `Splunk has not answered within ${seconds} seconds. It may still be working on it: look again in a minute.`
                : 'Splunk cannot be reached. Check your network connection and whether Splunk is running.',
            0,
            true
        );
    }
    const found = parsed(text);
    if (answer.ok && found !== undefined) return found;
    throw new Failure(explain(answer.status, found), answer.status, mayBeDone(answer.status, found));
}

/** Whether an answer leaves open what was done: a success that cannot be read, or a server that failed on the way. */
function mayBeDone(status: number, answer: unknown): boolean {
    // What splunkd puts around a refusal of the setup page has the status of a fault.
    const isRefused = /REST Error \[4\d\d\]/.test(JSON.stringify(answer ?? ''));
    return status < 400 || status === 408 || (status >= 500 && !isRefused);
}

export function parsed(text: string): unknown {
    try {
        return JSON.parse(text) as unknown;
    } catch {
        return undefined;
    }
}

/** For people: what a refusal means, in the words of whoever refused it where there are any. */
export function explain(status: number, answer: unknown): string {
    if (status === 401) return 'Your session has ended. Sign in to Splunk again.';
    if (status === 403) return words(answer) ?? 'You do not have the capability that this needs.';
    const said = words(answer);
    if (said) return said;
    if (status === 404) return 'Splunk Web does not know this address. Restart Splunk after an update of the app.';
    return `The app gave no answer that can be read (HTTP ${status}). See cloudtrail_responder_executor.log.`;
}

function words(answer: unknown): string | undefined {
    if (typeof answer !== 'object' || answer === null) return undefined;
    const { error, messages } = answer as { error?: unknown; messages?: unknown };
    if (typeof error === 'string' && error) return error;
    if (!Array.isArray(messages)) return undefined;
    const first = messages.find(isMessage);
    return first && unwrapped(first.text);
}

/** What a handler of the setup page said, out of what splunkd puts around it. */
function unwrapped(text: string): string {
    return /"REST Error \[\d+\]: [^"]*? -- ([\s\S]*)"\. See splunkd\.log/.exec(text)?.[1] ?? text;
}

function isMessage(one: unknown): one is { text: string } {
    return typeof one === 'object' && one !== null && typeof (one as { text?: unknown }).text === 'string';
}

/** `AbortSignal.any`, which browsers that Splunk supports may lack. */
function anyOf(signals: AbortSignal[]): AbortSignal {
    const controller = new AbortController();
    for (const signal of signals) {
        if (signal.aborted) controller.abort(signal.reason);
        else signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
    }
    return controller.signal;
}
