/** Search jobs with the rights of whoever is signed in, as Splunk's own pages start them. */
import { username } from '@splunk/splunk-utils/config';
import { createFetchInit } from '@splunk/splunk-utils/fetch';
import { createRESTURL } from '@splunk/splunk-utils/url';

import { APP, explain, Failure, parsed } from './client';

/** Milliseconds between two looks at a job, and for which an answer is waited for. */
const LOOKS = 700;
const ANSWERS = 60_000;

export interface Found {
    rows: Record<string, string>[];
}

interface Message {
    type?: string;
    text?: string;
}

/** As splunkd describes a job. */
interface Content {
    dispatchState?: string;
    doneProgress?: number;
    /** An empty object where there is none. */
    messages?: Message[] | Record<string, never>;
}

interface Job {
    state: string;
    /** From 0 to 1. */
    progress: number;
    messages: string[];
}

/**
 * Every result of a search over the last `days`, at most `most`. `told` hears how far it is, from 0 to 1.
 *
 * Rejects with a `Failure`, or with an AbortError once `signal` was aborted: the job is then cancelled.
 */
export async function search(
    spl: string,
    days: number,
    most: number,
    signal: AbortSignal,
    told: (progress: number) => void
): Promise<Found> {
    const started = await ask('search/v2/jobs', signal, {
        search: spl,
        earliest_time: `-${days}d`,
        latest_time: 'now',
        exec_mode: 'normal',
        // Splunk ends it by itself once nobody looks any more.
        auto_cancel: '120',
    });
    const job = `search/v2/jobs/${encodeURIComponent((started as { sid?: string }).sid ?? '')}`;
    try {
        for (;;) {
            const now = jobOf(await ask(job, signal));
            if (now.state === 'DONE') break;
            if (now.state === 'FAILED') throw new Failure(now.messages[0] ?? 'The search failed.', 0);
            told(now.progress);
            await pause(LOOKS, signal);
        }
        const answer = await ask(`${job}/results`, signal, undefined, `count=${most}`);
        const { results } = answer as { results?: Record<string, string>[] };
        return { rows: results ?? [] };
    } catch (error) {
        // Nobody waits for the answer.
        void ask(`${job}/control`, undefined, { action: 'cancel' }).catch(() => undefined);
        throw error;
    }
}

async function ask(
    path: string,
    signal: AbortSignal | undefined,
    form?: Record<string, string>,
    query = ''
): Promise<unknown> {
    const url = createRESTURL(path, { app: APP, owner: (username as string | undefined) ?? '-' });
    const waits = AbortSignal.timeout(ANSWERS);
    const init = createFetchInit({
        method: form ? 'POST' : 'GET',
        signal: waits,
        ...(form
            ? {
                  headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
                  body: new URLSearchParams(form).toString(),
              }
            : {}),
    });
    let answer: Response;
    let text: string;
    try {
        answer = await fetch(`${url}?output_mode=json${query ? `&${query}` : ''}`, init);
        text = await answer.text();
    } catch {
        throw new Failure('Splunk has not answered about the search. Try again.', 0);
    }
    if (signal?.aborted) throw new DOMException('aborted', 'AbortError');
    const found = parsed(text);
    if (answer.ok && found !== undefined) return found;
    throw new Failure(explain(answer.status, found), answer.status);
}

function jobOf(answer: unknown): Job {
    const content = (answer as { entry?: { content?: Content }[] }).entry?.[0]?.content;
    const messages = Array.isArray(content?.messages) ? content.messages : [];
    return {
        state: content?.dispatchState ?? '',
        progress: content?.doneProgress ?? 0,
        messages: messages
            .filter((one) => one.type === 'FATAL' || one.type === 'ERROR')
            .map((one) => one.text ?? ''),
    };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
        const timer = window.setTimeout(resolve, milliseconds);
        signal.addEventListener(
            'abort',
            () => {
                window.clearTimeout(timer);
                reject(new DOMException('aborted', 'AbortError'));
            },
            { once: true }
        );
    });
}
